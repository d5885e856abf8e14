/**
 * Tells when one of several flows is late: its oldest segment should have been acknowledged by now, and nothing arrives. Then the path
 * may be dead. A tail probe would tell more than a round trip later, and the reader waits meanwhile, so other flows begin to send the data
 * of this one. If it answers after all, they stop.
 */
import type { Exchange } from '../exchange.ts'
import { PEER_ACK_DELAY_MS } from '../limits.ts'

const NEVER = Number.POSITIVE_INFINITY
/** An acknowledgment may come this much later than the last ones, ms: the peer's process can be busy. */
const LEAST_MARGIN_MS = 10
/** The same as a share of the round trip. Less than for retransmission, because an alarm in vain costs little. */
const MARGIN = 1 / 4

/**
 * Returns when the flow is late, if nothing arrives after `heardAtMs`. The peer acknowledges the oldest segment when another one
 * arrives, or after a delay (RFC 9293, 3.8.6.3).
 */
export function lateAt({ outbound }: Exchange, heardAtMs: number): number {
  const { flight, roundTrip } = outbound
  const { smoothedMs, variationMs } = roundTrip
  if (flight === undefined || smoothedMs < 0) return NEVER
  const { segments, rack } = flight
  if (segments.oldest < 0) return NEVER
  const place = segments.oldest
  const after = segments.after[place] as number
  const sentAtMs = Math.min(
    (segments.sentAtMs[place] as number) + PEER_ACK_DELAY_MS,
    after < 0 ? NEVER : (segments.sentAtMs[after] as number),
  )
  const marginMs = Math.max(LEAST_MARGIN_MS, MARGIN * smoothedMs, variationMs)
  return Math.max(heardAtMs, sentAtMs + Math.max(smoothedMs, rack.roundTripMs)) + marginMs
}
