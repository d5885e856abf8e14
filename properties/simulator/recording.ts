/** Writes down a run so that a person can follow it: actions, steps of flows, and packets with what became of them. */

import { at, must } from '../../checker/text/at.ts'
import type { Host } from '../../impl/host/host.ts'
import { isUnconnected, readUnconnected } from '../../impl/host/paths/unconnected.ts'
import * as messages from '../../impl/host/rendezvous/messages.ts'
import { equalServiceIds } from '../../impl/host/services/serviceId.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { KINDS } from '../../spec/machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { decodeFrame, type Frame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'
import type { Action, Plan } from './plan.ts'
import { type SimulationResult, simulate } from './simulate.ts'
import { placeOf } from './station.ts'

/** Hosts are numbers, and routers after them, as in the plan. Times are in virtual ms. */
export type Recorded =
  | { readonly what: 'action'; readonly atMs: number; readonly action: Action }
  | RecordedStep
  | RecordedPacket

/** A step of a flow's machine that took a transition. */
export interface RecordedStep {
  readonly what: 'step'
  readonly atMs: number
  readonly host: number
  readonly flow: number
  readonly event: string
  readonly fired: readonly string[]
  readonly changes: readonly { readonly name: string; readonly before: string; readonly after: string }[]
}

export interface RecordedPacket {
  readonly what: 'packet'
  readonly atMs: number
  readonly host: number
  readonly from: Address
  readonly to: Address
  /** Of spec/machines/flow/packets.ts, or of a message to or from the rendezvous; `unknown` for what is no packet. */
  readonly kind: string
  readonly bytes: number
  readonly fields: Readonly<Record<string, number>>
  /** Where it arrived as it was sent, and when; empty if it was lost or spoilt. */
  readonly arrivals: { readonly host: number; readonly atMs: number }[]
}

export interface Recording {
  readonly simulation: SimulationResult
  readonly rows: readonly Recorded[]
}

/** Sees each packet at each host, as `SimulationObserver.packet` does. */
export type PacketTap = (host: number, datagram: Datagram, direction: 'in' | 'out', timeMs: number) => void

const connectionNames = Object.keys(CONNECTION)
const migrationNames = Object.keys(MIGRATION)

/** Simulates a plan and records it. Throws PLAN_NAME. */
export function recordPlan(plan: Plan, tap: PacketTap = () => {}): Recording {
  const { reorderMs, jitterMs } = plan.faults
  const recorder = new Recorder(plan.latencyMs + reorderMs + jitterMs)
  const simulation = simulate(plan, {
    acted: (action, atMs) => recorder.rows.push({ what: 'action', atMs, action }),
    started: (index, host, now) => recorder.attach(index, host, now),
    packet: (host, datagram, direction, timeMs) => {
      tap(host, datagram, direction, timeMs)
      if (direction === 'out') recorder.sent(host, datagram, timeMs)
      else recorder.received(host, datagram, timeMs)
    },
  })
  return { simulation, rows: recorder.rows }
}

class Recorder {
  readonly rows: Recorded[] = []
  readonly #frame = newFrame()
  /** Packets by all that a receiver sees of them. */
  readonly #byContent = new Map<string, RecordedPacket[]>()
  readonly #transitions = flowStep().transitions

  /** The longest time that a packet is under way, in ms. */
  readonly #mostMs: number

  constructor(mostMs: number) {
    this.#mostMs = mostMs
  }

  attach(index: number, host: Host, now: () => number): void {
    const observer = host.observer?.bind(host)
    const states = new WeakMap<object, readonly [number, number]>()
    host.observer = (...seen) => {
      observer?.(...seen)
      const [flow, event, fired] = seen
      const { connection, migration } = flow.state
      const [before, beforeMigration] = states.get(flow) ?? [CONNECTION.INIT, MIGRATION.INITIAL]
      states.set(flow, [must(connection), must(migration)])
      if (fired.length === 0) return
      const change = (name: string, names: readonly string[], was: number, is: number) =>
        was === is
          ? []
          : [{ name: `${flow.id.toString(16)}.${name}`, before: at(names, was), after: at(names, is) }]
      const changes = [
        ...change('connection', connectionNames, before, must(connection)),
        ...change('migration', migrationNames, beforeMigration, must(migration)),
      ]
      const names = fired.map(transition => at(this.#transitions, transition).id)
      const row = { what: 'step', atMs: now(), host: index, flow: flow.id, event: event.type } as const
      this.rows.push({ ...row, fired: names, changes })
    }
  }

  sent(host: number, datagram: Datagram, atMs: number): void {
    const { from, to, bytes } = datagram
    const isPacket = decodeFrame(bytes, 0, bytes.length, this.#frame) === 0
    const row: RecordedPacket = {
      ...{ what: 'packet', atMs, host, from, to, bytes: bytes.length, arrivals: [] },
      kind: isPacket ? kindName(this.#frame, from, to) : 'unknown',
      fields: isPacket ? fieldsOf(this.#frame) : {},
    }
    this.rows.push(row)
    const key = keyOf(datagram)
    const same = this.#byContent.get(key)
    if (same === undefined) this.#byContent.set(key, [row])
    else same.push(row)
  }

  received(host: number, datagram: Datagram, atMs: number): void {
    const same = this.#byContent.get(keyOf(datagram))
    const isUnderWay = (row: RecordedPacket) => row.arrivals.length === 0 && row.atMs >= atMs - this.#mostMs
    const row = same?.find(isUnderWay) ?? same?.at(-1)
    row?.arrivals.push({ host, atMs })
  }
}

const keyOf = ({ from, to, bytes }: Datagram): string =>
  `${placeOf(from)} ${placeOf(to)} ${Buffer.from(bytes).toString('latin1')}`

/** Kinds of messages to and from the rendezvous, but for those that carry a packet. */
export const ANNOUNCEMENTS: ReadonlySet<string> = new Set(['BIND', 'SHOW', 'BOUND', 'REFUSED'])
const MESSAGES: Readonly<Record<number, string>> = {
  [messages.BIND]: 'BIND',
  [messages.RELAY]: 'RELAY',
  [messages.SHOW]: 'SHOW',
  [messages.BOUND]: 'BOUND',
  [messages.REFUSED]: 'REFUSED',
}

function kindName(frame: Frame, from: Address, to: Address): string {
  const datagram = isUnconnected(frame) ? readUnconnected(frame, from, to) : undefined
  const { service, source, message } = datagram ?? {}
  const isOfRendezvous = [service, source].some(
    id => id !== undefined && equalServiceIds(id, messages.RENDEZVOUS_SERVICE),
  )
  return (isOfRendezvous && MESSAGES[at(must(message), 0)]) || KINDS[kindOf(frame)] || 'unknown'
}

function fieldsOf(frame: Frame): Record<string, number> {
  const flows = { flow: frame.srcFlow, to: frame.dstFlow }
  return frame.flags === 0 ? flows : { verno: frame.verno, ackno: frame.ackno, ...flows }
}
