/** A judge's report on a capture. */
import type { Contradiction } from './end.ts'

export interface Judgement {
  /** `incomplete`: nothing contradicts the specification, but not every packet that was sent could be judged. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  /** Flows whose beginning was seen. */
  readonly flows: number
  /** The number of restarts that this takes. */
  readonly restarts: number
  /** Counts of the packets by their part in the judgment. */
  readonly packets: PacketCounts
  readonly contradiction?: Contradiction
  /** What was not answered by a host that from there on says nothing at all: it may have been stopped for good. */
  readonly silence?: Contradiction
}

export interface JudgeOptions {
  /** The host is known to have run to the end, so that silence is its own doing. */
  readonly isRunning?: boolean
}

export interface PacketCounts {
  /** Sent, and what some event makes a host send. */
  explained: number
  /** Came for flows that are judged, or to begin one. */
  taken: number
  /** Came for flows whose beginning was not seen, or that nobody has. */
  strange: number
  /** Sent by flows whose beginning was not seen. */
  begunBefore: number
  /** Sent by flows that may stand in too many ways. */
  uncertain: number
  /** Datagrams without a connection, which no machine has a word for. */
  unconnected: number
  /** Packets of others' flows that a router or a rendezvous forwarded. */
  forwarded: number
  /** No packets of SAL, or with checksums that are wrong: a host drops them unread. */
  unreadable: number
}
