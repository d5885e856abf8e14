/** Packets for flows that nobody has, and those that a host has forgotten: it answers them, with RST. */
import type { Packet } from '../../spec/flow/packets.ts'
import { CONNECTION } from '../../spec/flow/states.ts'
import { eventOf, initial, matches, step } from './configuration.ts'
import { ANSWER_MS, type Contradiction } from './end.ts'
import type { Seen } from './observed.ts'

/** At least the latest are kept. */
const MOST_REMEMBERED = 4096

/** What a flow of which nothing is left answers; it has whatever nonce is asked for. */
function answersOf(received: Seen, nonce: number): readonly Packet[] {
  const gone = { ...initial(), connection: CONNECTION.CLOSED, localFlow: received.dstFlow, localNonce: nonce }
  return step(gone, eventOf(received)).sent
}

export class Strangers {
  readonly #asked: Seen[] = []
  /** Of those, what was asked of forgotten flows and has to be answered. */
  readonly #owed: Seen[] = []

  /** Somebody asks a flow that nobody has, or perhaps has. */
  ask(packet: Seen): void {
    remember(this.#asked, packet)
  }

  /** Somebody asks a flow that was forgotten. Returns what has not been answered in time. */
  askForgotten(packet: Seen, beforeMs: number): Contradiction | undefined {
    this.ask(packet)
    const late = this.settle(beforeMs)
    if (!packet.isOneOfMany && answersOf(packet, packet.nonce).length > 0) remember(this.#owed, packet)
    return late
  }

  settle(nowMs: number): Contradiction | undefined {
    const packet = this.#owed.find(({ timeMs }) => timeMs < nowMs - ANSWER_MS)
    if (packet === undefined) return undefined
    return { kind: 'withheld', packet, expected: answersOf(packet, packet.nonce) }
  }

  /** Nothing is owed for what was asked before. */
  forgive(): void {
    this.#owed.length = 0
  }

  /** Whether the packet answers one that came; then that one is answered. */
  answers(packet: Seen): boolean {
    const at = this.#asked.findLastIndex(received => isAnswer(packet, received))
    if (at < 0) return false
    const [asked] = this.#asked.splice(at, 1)
    const owed = this.#owed.indexOf(asked!)
    if (owed >= 0) this.#owed.splice(owed, 1)
    return true
  }
}

/** Whether a host that has no such flow answers what came with this. */
export const isAnswer = (packet: Seen, received: Seen): boolean =>
  received.dstFlow === packet.srcFlow && answersOf(received, packet.nonce).some(sent => matches(sent, packet))

/** The latest, and sometimes twice as many: forgetting one each time would move all others. */
export function remember(list: Seen[], packet: Seen): void {
  list.push(packet)
  if (list.length > 2 * MOST_REMEMBERED) list.splice(0, MOST_REMEMBERED)
}
