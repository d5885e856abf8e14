/**
 * Logs to standard error what the stacks of a process do, under `NODE_DEBUG=serval`. Without it no stack has an observer and
 * no channel a subscriber, so that a packet costs nothing more.
 */
import { subscribe } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { printable } from '../../checker/text/printable.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import type { Observer } from '../host/flows/engine.ts'
import type { FlowClosed, FlowOpened, FlowPath, PacketsDropped } from './channels.ts'

const log = debuglog('serval')

const CONNECTION_NAMES = Object.keys(CONNECTION)
const MIGRATION_NAMES = Object.keys(MIGRATION)

/** Logs a line. Escapes what could steer a terminal: the line may have a peer's text. */
export const debug = (line: string): void => {
  if (log.enabled) log('%s', printable(line))
}

const nameOf = (flow: number): string => `flow ${(flow >>> 0).toString(16).padStart(8, '0')}`

let isSubscribed = false

/** Returns `observer`, or one that also logs each step except those of data. */
export function logged(observer: Observer | undefined): Observer | undefined {
  if (!log.enabled) return observer
  if (!isSubscribed) subscribeAll()
  return (flow, event, fired, effects) => {
    observer?.(flow, event, fired, effects)
    if (event.type === 'DATA') return
    const { connection, migration } = flow.state
    const state = `${CONNECTION_NAMES[connection]} ${MIGRATION_NAMES[migration]}`
    debug(`${nameOf(flow.id)} ${fired.length === 0 ? 'ignores' : 'takes'} ${event.type}: ${state}`)
  }
}

function subscribeAll(): void {
  isSubscribed = true
  const on = <Message>(channel: string, lineOf: (message: Message) => string): void =>
    subscribe(channel, message => debug(lineOf(message as Message)))
  on<FlowOpened>(
    'serval:flow:open',
    ({ flow, service, kind, side, local, remote }) =>
      `${nameOf(flow)} is open: ${kind} ${side}, ${local} to ${remote}, service ${service}`,
  )
  on<FlowClosed>(
    'serval:flow:close',
    ({ flow, error }) => `${nameOf(flow)} is closed${error === undefined ? '' : `: ${error.message}`}`,
  )
  on<FlowPath>(
    'serval:flow:path',
    ({ flow, local, remote, reason }) => `${nameOf(flow)} is at ${local} to ${remote}: ${reason}`,
  )
  on<PacketsDropped>('serval:packet:dropped', ({ cause, count }) => `dropped ${count}: ${cause}`)
}
