/** Streams that have sent some full segments. */
import { Hand, type HandOptions } from './hand.ts'

export const FULL = 1000
export const RTT_MS = 20

/** Returns a stream that has sent `count` segments of FULL bytes; its round-trip time is RTT_MS. */
export function sending(count: number, options: HandOptions = {}): Hand {
  const hand = new Hand({ roundTripMs: RTT_MS, ...options }).write(count * FULL)
  const sent = hand.take().length
  if (sent !== count) throw new Error(`${sent} segments left instead of ${count}`)
  return hand
}

/** The position after `count` full segments. */
export const pastFull = (count: number): number => 1 + count * FULL

/** The full segments from one to another, as a SACK block. */
export const block = (from: number, to: number): readonly [number, number] => [pastFull(from), pastFull(to)]
