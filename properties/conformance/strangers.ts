/**
 * Packets for flows that a host does not have. Those that it had are ends still, and answer with RST (end.ts). For a
 * flow of its life before a restart it may answer with RST as well, or be silent: it did not give out this flowID.
 */
import type { Packet } from '../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { eventOf, initial, matches, step } from './configuration.ts'
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

  /** Somebody asks a flow that nobody has, or perhaps has. */
  ask(packet: Seen): void {
    remember(this.#asked, packet)
  }

  /** Whether the packet answers one that came; then that one is answered. */
  answers(packet: Seen): boolean {
    const at = this.#asked.findLastIndex(received => isAnswer(packet, received))
    if (at < 0) return false
    this.#asked.splice(at, 1)
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
