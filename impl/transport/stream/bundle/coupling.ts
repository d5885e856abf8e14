/**
 * Flows of one stream that share a bottleneck should together take as much of it as one flow would (RFC 6356). Each
 * flow's window grows by this share of what it would grow alone. RFC 6356 shares Reno's growth; here it is CUBIC's.
 */
import type { Subflow } from './subflow.ts'

/** Sets the share of every flow that has something in flight. */
export function couple(flows: readonly Subflow[]): void {
  let [best, sum, count] = [0, 0, 0]
  for (const { exchange } of flows) {
    const { flight, cubic, roundTrip } = exchange.outbound
    if (flight === undefined || roundTrip.smoothedMs <= 0) continue
    const rate = cubic.window / roundTrip.smoothedMs
    best = Math.max(best, rate / roundTrip.smoothedMs)
    sum += rate
    count++
  }
  // The share of a flow is alpha * cwnd_i / cwnd_total, at most 1, and alpha is cwnd_total * best / sum^2 (RFC 6356, 3).
  for (const { exchange } of flows) {
    const { cubic } = exchange.outbound
    cubic.share = count > 1 ? Math.min(1, (best / sum / sum) * cubic.window) : 1
  }
}

export function uncouple(flows: readonly Subflow[]): void {
  for (const { exchange } of flows) exchange.outbound.cubic.share = 1
}
