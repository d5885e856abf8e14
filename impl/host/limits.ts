import { DEFAULT_CAP } from '../../spec/machines/resolution/delayQueue.ts'
import { MOST_HOPS } from '../../spec/machines/resolution/forwarder.ts'
import type { DelayLimits } from './paths/delays.ts'

/** What a host allows itself. Each is a number that a flood of packets, or a program that forgets, runs against. */
export interface Limits extends DelayLimits {
  /** Flows, without those in TIME-WAIT. */
  readonly flows: number
  /**
   * Flows in TIME-WAIT: a minute of 1,000 short connections in each second. Above it the oldest ends early (compare
   * RFC 6191). Its flowID is not used again, and a late packet of its peer gets a RST.
   */
  readonly timeWait: number
  /** Stateless answers that were confirmed, of which repeated ACKs are recognized: 2,000 in each second of a flood. */
  readonly confirmed: number
  /**
   * Bytes of memory that the transports of all flows hold. Above it no new flow is accepted, and a stream takes only
   * bytes in order, into memory that it has or the smallest piece.
   */
  readonly bufferedBytes: number
  /** RSTs to strangers, each second and at once: no host is a mirror for floods (invariant 54). */
  readonly strangersPerSecond: number
  readonly strangersAtOnce: number
  /**
   * SYNs that are answered at an address that only SOURCE names, each second and at once: in all, and for one address. The
   * first bounds new flows through routers. The second bounds what reaches a host that never asked: about 1 Mbit/s.
   */
  readonly claimedPerSecond: number
  readonly claimedForOnePerSecond: number
  /** How often a control packet is sent before a flow, or its move, is given up. */
  readonly tries: number
  /** Through how many routers a packet may go. */
  readonly hops: number
  /**
   * How long TIME-WAIT lasts, and how long FIN-WAIT-2 hears nothing before it asks whether the peer is there, in ms. The
   * prototype's; a flowID stays taken so long (invariant 9).
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
  hops: MOST_HOPS,
  lingerMs: 60_000,
  delayed: 1024,
  delayedForOne: DEFAULT_CAP,
  asks: 5,
  askMs: 1000,
}
