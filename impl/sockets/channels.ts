/**
 * Channels of node:diagnostics_channel, by which programs observe a running stack. They cost nothing without
 * subscribers.
 */
import { channel } from 'node:diagnostics_channel'
import { PROTOCOL_STREAM } from '../../spec/wire/format.ts'
import type { Counters } from '../host/counters.ts'
import type { Flow } from '../host/flows/flow.ts'
import { printServiceId } from '../host/services/serviceId.ts'
import { printAddress } from '../link/address.ts'

/** A flow is connected. */
export interface FlowOpened {
  readonly flow: number
  /** 64 hexadecimal digits. */
  readonly service: string
  readonly kind: 'stream' | 'datagram'
  readonly side: 'client' | 'server'
  readonly local: string
  readonly remote: string
}

/** A connection, or an attempt to connect, has ended. */
export interface FlowClosed {
  readonly flow: number
  readonly service: string
  /** Undefined after an orderly end. */
  readonly error: Error | undefined
}

/** A flow has moved to another path. */
export interface FlowPath {
  readonly flow: number
  readonly service: string
  readonly local: string
  readonly remote: string
  readonly reason: PathReason
}

/** Why a flow moved, or that it could not move. */
export type PathReason =
  | 'migrate'
  | 'address gone'
  | 'better address'
  | 'path silent'
  | 'peer moved'
  | 'flow ended'
  | 'move failed'

/** Packets of one batch that were dropped for one cause. */
export interface PacketsDropped {
  readonly cause: DropCause
  readonly count: number
}

/** The host's counters of dropped packets. */
export const DROP_CAUSES = [
  'malformed',
  'corrupt',
  'strangers',
  'unissued',
  'outgrown',
  'unanswered',
  'unreflected',
  'unserved',
  'refused',
  'ignored',
  'looped',
  'hopsSpent',
  'unsourced',
  'unreachable',
  'tooLong',
  'denied',
  'unproved',
  'delayFull',
  'crowdedOut',
  'delayedAgain',
  'purged',
  'notRelayed',
  'notBound',
  'notMeant',
  'faults',
] as const satisfies readonly (keyof Counters)[]
export type DropCause = (typeof DROP_CAUSES)[number]

const flowOpened = channel('serval:flow:open')
const flowClosed = channel('serval:flow:close')
const flowPath = channel('serval:flow:path')
export const packetDropped = channel('serval:packet:dropped')

const named = ({ id, service }: Flow) => ({ flow: id, service: printServiceId(service) })
const pathOf = ({ local, peer }: Flow) => ({ local: printAddress(local), remote: printAddress(peer) })

export function publishOpened(flow: Flow, side: FlowOpened['side']): void {
  if (!flowOpened.hasSubscribers) return
  const kind = flow.transport.protocol === PROTOCOL_STREAM ? 'stream' : 'datagram'
  flowOpened.publish({ ...named(flow), kind, side, ...pathOf(flow) } satisfies FlowOpened)
}

export function publishClosed(flow: Flow, error: Error | undefined): void {
  if (flowClosed.hasSubscribers) flowClosed.publish({ ...named(flow), error } satisfies FlowClosed)
}

export function publishPath(flow: Flow, reason: PathReason): void {
  if (flowPath.hasSubscribers)
    flowPath.publish({ ...named(flow), ...pathOf(flow), reason } satisfies FlowPath)
}

/** Publishes how much `counters` grew since `before`, and updates `before`. */
export function publishDrops(counters: Counters, before: Partial<Record<DropCause, number>>): void {
  for (const cause of DROP_CAUSES) {
    const count = counters[cause] - (before[cause] ?? 0)
    before[cause] = counters[cause]
    if (count > 0) packetDropped.publish({ cause, count } satisfies PacketsDropped)
  }
}
