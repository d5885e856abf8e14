/**
 * Packets for flows that a host does not have. A flow that the host had in this life is still an end, and answers with RST
 * (end.ts). For a flow from before a restart the host may answer with RST or stay silent, as it did not issue this flowID.
 */
import type { Packet } from '../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { eventOf, initial, matches, step } from './configuration.ts'
import type { Seen } from './observed.ts'

/** At least the latest are kept. */
const MOST_REMEMBERED = 4096

/** No packet carries a nonce with this number. */
const NO_NONCE = 0

/** Returns the answer of a host that does not have the flow; `nonce` stands for the host's own nonce or token. */
export function answersOf(received: Seen, nonce: number): readonly Packet[] {
  const gone = { ...initial(), connection: CONNECTION.CLOSED, localFlow: received.dstFlow, localNonce: nonce }
  return step(gone, eventOf(received)).sent
}

/** Returns true if the answer carries the host's own nonce or token. A RST that refuses a handshake repeats the peer's nonce. */
export const showsOwn = (received: Seen): boolean =>
  answersOf(received, NO_NONCE).some(({ nonce }) => nonce === NO_NONCE)

export class Strangers {
  readonly #asked: Seen[] = []

  /** Adds a packet for a flow that the host may not have. */
  ask(packet: Seen): void {
    remember(this.#asked, packet)
  }

  /** Returns the received packet that this one answers, and removes it; undefined if there is none. */
  answeredBy(packet: Seen): Seen | undefined {
    const at = this.#asked.findLastIndex(received => isAnswer(packet, received))
    return at < 0 ? undefined : this.#asked.splice(at, 1)[0]
  }
}

/** Returns true if a host that does not have the flow may send this packet as its answer, with any nonce. */
export const isAnswer = (packet: Seen, received: Seen): boolean =>
  received.dstFlow === packet.srcFlow && answersOf(received, packet.nonce).some(sent => matches(sent, packet))

/** Keeps at least the latest packets. Forgets half of them at once, because each removal moves all others. */
export function remember(list: Seen[], packet: Seen): void {
  list.push(packet)
  if (list.length > 2 * MOST_REMEMBERED) list.splice(0, MOST_REMEMBERED)
}
