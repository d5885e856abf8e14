/** The Internet checksum: the ones' complement of the ones' complement sum of 16-bit words (RFC 1071). */
import { write16 } from './numbers.ts'
import { MOST_WIDE, wideSum } from './wideSum.ts'

/** What a sum over bytes that include their own right checksum folds to. */
export const INTACT = 0xffff

/** Fewer bytes are added faster one by one. */
const WORTH_WIDE = 128

/**
 * The sum of the 16-bit words in `bytes` from `start` to `end`, added to `sum`; a last odd byte counts as if a 0
 * followed. Not wholly folded: it stays exact for anything shorter than a gigabyte.
 */
export function internetSum(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  if (end - start >= WORTH_WIDE) {
    const middle = Math.min(end, start + MOST_WIDE)
    return internetSum(bytes, middle, end, sum + swapped(wideSum(bytes, start, middle)))
  }
  // High and low bytes are added apart: one shift at the end instead of one for each word.
  let high = 0
  let low = 0
  let at = start
  for (; at + 7 < end; at += 8) {
    high +=
      (bytes[at] as number) +
      (bytes[at + 2] as number) +
      (bytes[at + 4] as number) +
      (bytes[at + 6] as number)
    low +=
      (bytes[at + 1] as number) +
      (bytes[at + 3] as number) +
      (bytes[at + 5] as number) +
      (bytes[at + 7] as number)
  }
  for (; at + 1 < end; at += 2) {
    high += bytes[at] as number
    low += bytes[at + 1] as number
  }
  if (at < end) high += bytes[at] as number
  return sum + high * 256 + low
}

/** The order of bytes matters at the end only (RFC 1071, 2 (B)). */
function swapped(sum: number): number {
  const folded = foldSum(sum)
  return ((folded & 0xff) << 8) | (folded >>> 8)
}

/** A sum brought to 16 bits, by adding what is carried out of them. */
export function foldSum(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000)
  return folded
}

/** What goes into the field for the checksum, when it was 0 while the sum was made. */
export const checksumOf = (sum: number): number => foldSum(sum) ^ 0xffff

/** Puts the checksum of bytes whose field at `field` is 0 there. */
export function seal(bytes: Uint8Array, start: number, end: number, field: number, sum: number): void {
  write16(bytes, field, checksumOf(internetSum(bytes, start, end, sum)))
}

/**
 * The sum of the pseudo-header of TCP and UDP over IPv4 (RFC 9293 3.1): what is sealed is bound to where it goes.
 * Addresses are 32-bit numbers, `length` is that of the transport's header and payload, in bytes.
 */
export const pseudoSum = (source: number, destination: number, protocol: number, length: number): number =>
  (source >>> 16) +
  (source & 0xffff) +
  (destination >>> 16) +
  (destination & 0xffff) +
  protocol +
  (length >>> 16) +
  (length & 0xffff)

/**
 * A checksum after a 32-bit number that it covers has become another, wherever on even bytes that stands (RFC 1624,
 * equation 3). What was wrong stays wrong.
 */
export const adjustChecksum = (check: number, was: number, is: number): number =>
  checksumOf(
    (check ^ 0xffff) + ((was >>> 16) ^ 0xffff) + ((was & 0xffff) ^ 0xffff) + (is >>> 16) + (is & 0xffff),
  )
