/**
 * What a host must still know. One that was restarted has forgotten its flows: it answers for them as for any that nobody
 * has, and never speaks in them again. A capture does not show that; but whoever speaks in a flow has not forgotten it.
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

/** A flow whose beginning was seen. */
export class Known {
  readonly end: ObservedEnd
  readonly begun: Moment
  /** When it was last heard to speak. */
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

/** The earliest moment after `since` at which a restart can have been: nobody who was there before it speaks after it. */
export function earliestRestart(flows: Iterable<Known>, since: Moment): Moment {
  const all = [...flows]
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
