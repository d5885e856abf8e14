/**
 * Hides the offer of a SYN in the initial sequence number of the SYN-ACK, for a listener that keeps no other state (RFC
 * 4987, 3.6). The client's ACK brings the number back.
 *
 * The number is a secret mask of the host, mixed with the client's initial sequence number, XOR these bits: MSS in
 * units of 8 bytes (13), window scale or 15 for none (4), SACK-permitted (1), zeros (14). The zeros show that the ACK
 * has the sequence numbers of the handshake. SAL has already verified the sender.
 */
import { clearOptions, MOST_WINDOW_SCALE } from '../../../spec/wire/options.ts'
import type { Segment } from '../../../spec/wire/segment.ts'

const MSS_UNIT = 8
const MSS_BITS = 13
const NO_SCALE = MOST_WINDOW_SCALE + 1
const SCALE_AT = MSS_BITS
const SACK_AT = SCALE_AT + 4
const TERM_BITS = SACK_AT + 1
/** 2^32 / the golden ratio, odd: neighbouring sequence numbers get very different masks. */
const MULTIPLIER = 0x9e37_79b1

const masked = (terms: number, sequence: number, mask: number): number =>
  ((mask + Math.imul(sequence, MULTIPLIER)) ^ terms) >>> 0

/** Returns the initial sequence number, 32 bits, of the SYN-ACK for this SYN. */
export function hideOffer({ seq, mss, windowScale, sackPermitted }: Segment, mask: number): number {
  const scale = windowScale < 0 ? NO_SCALE : windowScale
  const terms = Math.floor(mss / MSS_UNIT) | (scale << SCALE_AT) | (sackPermitted << SACK_AT)
  return masked(terms, seq, mask)
}

/**
 * Writes into `syn` what the SYN before this ACK offered, except for its window, which the ACK carries anew. Returns
 * false if the ACK is not the first segment after a SYN-ACK with this mask.
 */
export function revealOffer({ seq, ack }: Segment, mask: number, syn: Segment): boolean {
  const sequence = (seq - 1) >>> 0
  const terms = masked(ack - 1, sequence, mask)
  const scale = (terms >>> SCALE_AT) & 15
  if (terms >>> TERM_BITS !== 0) return false
  clearOptions(syn)
  syn.seq = sequence
  syn.window = 0
  syn.mss = (terms & (2 ** MSS_BITS - 1)) * MSS_UNIT
  syn.windowScale = scale === NO_SCALE ? -1 : scale
  syn.sackPermitted = (terms >>> SACK_AT) & 1
  return true
}
