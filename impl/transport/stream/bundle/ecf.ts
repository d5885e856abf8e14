/**
 * Decides whether data should wait for a faster flow that has no room now (ECF: Y. Lim, E. Nahum, D. Towsley,
 * R. Gibbens: "ECF: An MPTCP Path Scheduler to Manage Heterogeneous Paths", CoNEXT 2017, algorithm 1).
 */
import type { Cubic } from '../cubic.ts'
import type { Bundle } from './bundle.ts'
import type { Subflow } from './subflow.ts'

/** Once waiting, the slower flow must be faster by this share (beta in the paper). */
const HYSTERESIS = 0.25

/** True if all data would arrive sooner if `slow` sent none of it now and `fast` sent it later. */
export function isWorthWaiting(bundle: Bundle, fast: Subflow, slow: Subflow): boolean {
  const { source, owner } = bundle
  const [a, b] = [fast.exchange.outbound, slow.exchange.outbound]
  const [fastMs, slowMs] = [a.roundTrip.smoothedMs, b.roundTrip.smoothedMs]
  // A writer that waits for room has more than what is here.
  if (owner.owesDrain || fastMs < 0 || slowMs < 0) {
    bundle.isWaiting = false
    return false
  }
  const left = source.limit - source.next
  const marginMs = Math.max(a.roundTrip.variationMs, b.roundTrip.variationMs)
  const byFastMs = (1 + roundsOf(a.cubic, left)) * fastMs
  if (byFastMs >= (bundle.isWaiting ? 1 + HYSTERESIS : 1) * (slowMs + marginMs)) {
    bundle.isWaiting = false
    return false
  }
  // The paper adds the margin here as well. After few samples it is as long as a round trip, and short transfers suffer.
  if (Math.max(1, roundsOf(b.cubic, left)) * slowMs < 2 * fastMs) return false
  bundle.isWaiting = true
  return true
}

/** Returns the round trips that `bytes` need. The paper takes a constant window; one in slow start doubles each time. */
const roundsOf = ({ window, isSlowStart }: Cubic, bytes: number): number =>
  isSlowStart ? Math.log2(1 + bytes / window) : bytes / window
