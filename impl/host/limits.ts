import { DEFAULT_CAP, MOST_HOPS } from '../../spec/machines/resolution/limits.ts'
import type { DelayLimits } from './paths/delays.ts'

/** The limits of a host against floods of packets, and against programs that forget to close. */
export interface Limits extends DelayLimits {
  /** Flows, not counting those in TIME-WAIT. */
  readonly flows: number
  /**
   * Flows in TIME-WAIT: a minute of 1,000 short connections per second. Above it the oldest ends early (compare RFC
   * 6191). Its flowID is not reused, and a late packet of its peer gets a RST.
   */
  readonly timeWait: number
  /** Confirmed stateless answers that are remembered to recognize repeated ACKs: 2,000 per second of a flood. */
  readonly confirmed: number
  /**
   * Bytes of memory that the transports of all flows hold. Above it the host accepts no new flow, and a stream accepts
   * only bytes in order that fit the memory it holds, or the smallest piece.
   */
  readonly bufferedBytes: number
  /** RSTs to strangers, per second and at once, so that no host mirrors floods (invariant 54). */
  readonly strangersPerSecond: number
  readonly strangersAtOnce: number
  /**
   * SYNs answered at an address that only SOURCE names, per second and at once: in all, and for one address. The first
   * limits new flows through routers. The second limits what reaches a host that never asked: about 1 Mbit/s.
   */
  readonly claimedPerSecond: number
  readonly claimedForOnePerSecond: number
  /** How often a control packet is sent before a flow, or its move, is given up. */
  readonly tries: number
  /**
   * The same for the first packet of a move while the path before still carries data: 7 s without a measurement. A move that is
   * given up too early loses nothing.
   */
  readonly moveTries: number
  /**
   * How long a better address that a flow has left must last before the flow returns there, ms; twice as long each time that it
   * does not hold. Radios at the edge of their range come and go within seconds.
   */
  readonly returnMs: number
  /** How many routers a packet may pass. */
  readonly hops: number
  /**
   * How long TIME-WAIT lasts, and how long FIN-WAIT-2 waits in silence before it probes the peer, in ms. Like the
   * prototype. A flowID stays in use for this long (invariant 9).
   */
  readonly lingerMs: number
}

export const defaultLimits: Limits = {
  flows: 65_536,
  timeWait: 65_536,
  confirmed: 65_536,
  bufferedBytes: 2 ** 30,
  strangersPerSecond: 1000,
  strangersAtOnce: 100,
  claimedPerSecond: 10_000,
  claimedForOnePerSecond: 1000,
  tries: 15,
  moveTries: 3,
  returnMs: 5000,
  hops: MOST_HOPS,
  lingerMs: 60_000,
  delayed: 1024,
  delayedForOne: DEFAULT_CAP,
  asks: 5,
  askMs: 1000,
}
