/**
 * When the peer's window is full because a slow flow has not delivered its first bytes, a faster flow sends them again,
 * and the slow flow slows down (C. Raiciu et al.: "How Hard Can It Be? Designing and Implementing a Deployable Multipath
 * TCP", NSDI 2012, 4.2).
 */
import { OPEN } from '../recovery.ts'
import type { Bundle } from './bundle.ts'
import type { Subflow } from './subflow.ts'

/** The most pieces of its own that a flow skips in the search. */
const MOST_PIECES = 16

/** The data that `rescue` found. One object for all. */
export const held = { from: 0, to: 0 }

/** Finds the first data that a flow slower than `flow` holds up. Returns false if there is none. */
export function rescue(bundle: Bundle, flow: Subflow, nowMs: number): boolean {
  const { source } = bundle
  let from = Math.max(source.una, bundle.rescuedTo)
  for (let i = 0; i < MOST_PIECES && from < source.next; i++) {
    const own = flow.holds(from)
    if (own === 0) return find(bundle, flow, from, nowMs)
    from += own
  }
  return false
}

function find({ flows }: Bundle, flow: Subflow, from: number, nowMs: number): boolean {
  const { smoothedMs } = flow.exchange.outbound.roundTrip
  for (const other of flows) {
    const { roundTrip, cubic, flight } = other.exchange.outbound
    const size = roundTrip.smoothedMs > smoothedMs ? other.holds(from) : 0
    if (size === 0) continue
    held.from = from
    held.to = from + size
    // A flow that recovers from losses has just slowed down, and delivers in order again when it has recovered.
    if (flight?.recovery.state !== OPEN || nowMs - other.penalizedAtMs < roundTrip.smoothedMs) return true
    other.penalizedAtMs = nowMs
    cubic.reduce()
    return true
  }
  return false
}
