/** The words in which the invariants speak of connections. */
import { at } from '../../../checker/text/at.ts'
import { ENDS } from '../../machines/connection/states.ts'
import { bit, carries, type End, type FlowsState, SEEN } from './state.ts'

export const isOver = (e: End): boolean => e.flows === ENDS.OVER

export const isOpen = (e: End): boolean => e.flows === ENDS.OPEN

export const isDead = (w: FlowsState, f: number): boolean => (w.dead & bit(f)) !== 0

/** Data passes on this flow from the opener to the accepter. */
export const works = (w: FlowsState, f: number): boolean =>
  !isDead(w, f) &&
  (at(at(w.end, 0).sees, f) === SEEN.UP || at(at(w.end, 0).sees, f) === SEEN.GOT) &&
  (at(at(w.end, 1).sees, f) === SEEN.UP || at(at(w.end, 1).sees, f) === SEEN.SHUT)

/** The flow is connected at both ends, and not over. */
export const isUp = (w: FlowsState, f: number): boolean => w.end.every(e => carries(at(e.sees, f)))

/** An end has begun the flow, and it is not over at both. */
export const isUsed = (w: FlowsState, f: number): boolean =>
  w.end.some(e => at(e.sees, f) !== SEEN.NONE && at(e.sees, f) <= SEEN.LAST)

/** The set of flows that this end sees as connected. */
export const connected = (e: End): number =>
  (carries(at(e.sees, 0)) ? 1 : 0) + (carries(at(e.sees, 1)) ? 2 : 0) + (carries(at(e.sees, 2)) ? 4 : 0)
