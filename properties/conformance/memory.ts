/**
 * Judges whether a host remembers its flows. A restarted host has forgotten its flows: it answers for them as for unknown flows, and sends
 * nothing else in them. A capture does not show a restart, but a host that sends in a flow has not forgotten it.
 */
import { ANSWER_MS, type Contradiction, type ObservedEnd } from './end.ts'
import type { Seen } from './observed.ts'

/** A packet's place in the capture. */
export interface Moment {
  /** From 1. */
  readonly number: number
  readonly timeMs: number
}

/** Packets that came last, of which one may be answered as by a host that has no such flow. */
const MOST_RECENT = 64

/** Two moments between which the host certainly kept what it knew. */
export interface Span {
  readonly begun: Moment
  readonly spoke: Moment
}

/** A flow whose beginning was seen. While its host sends in it, the host did not restart. */
export class Known implements Span {
  readonly end: ObservedEnd
  readonly begun: Moment
  /** The last packet that the host sent in the flow. */
  spoke: Moment
  readonly recent: Seen[] = []

  constructor(end: ObservedEnd, begun: Moment) {
    this.end = end
    this.begun = begun
    this.spoke = begun
  }

  remember(packet: Seen): void {
    this.recent.push(packet)
    if (this.recent.length > MOST_RECENT) this.recent.shift()
  }
}

/** Returns the earliest moment from `since` on that no span contains: the host may have restarted then. */
export function earliestRestart(spans: Iterable<Span>, since: Moment): Moment {
  const all = [...spans]
  let moment = since
  for (let isFound = true; isFound; ) {
    const later = all.find(
      ({ begun, spoke }) => begun.number <= moment.number && spoke.number > moment.number,
    )
    isFound = later !== undefined
    if (later !== undefined) moment = later.spoke
  }
  return moment
}

/** Whether a host that was restarted then need not have answered. */
export const explains = (restart: Moment, { kind, packet }: Contradiction): boolean =>
  kind === 'withheld' && restart.timeMs <= packet.timeMs + ANSWER_MS
