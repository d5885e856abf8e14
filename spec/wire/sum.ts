/** The Internet checksum: the ones' complement of the ones' complement sum of 16-bit words (RFC 1071). */
import { write16 } from './numbers.ts'
import { MOST_WIDE, wideSum } from './wideSum.ts'

/** The folded sum of bytes that include their own valid checksum. */
export const INTACT = 0xffff

/** Fewer bytes are added faster one by one. */
const WORTH_WIDE = 128

/**
 * Adds the 16-bit words in `bytes` from `start` to `end` to `sum`; a last odd byte counts as if a 0 followed. The
 * result is not completely folded, and is exact for less than a gigabyte.
 */
export function internetSum(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  if (end - start >= WORTH_WIDE) {
    const middle = Math.min(end, start + MOST_WIDE)
    return internetSum(bytes, middle, end, sum + swapped(wideSum(bytes, start, middle)))
  }
  // Adds high and low bytes separately: one shift at the end instead of one per word.
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

/** Byte order matters only at the end (RFC 1071, 2 (B)). */
function swapped(sum: number): number {
  const folded = foldSum(sum)
  return ((folded & 0xff) << 8) | (folded >>> 8)
}

/** Folds a sum to 16 bits by adding the carries. */
export function foldSum(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000)
  return folded
}

/** Returns the content of a checksum field that was 0 while the sum was computed. */
export const checksumOf = (sum: number): number => foldSum(sum) ^ 0xffff

/** Writes the checksum of bytes whose field at `field` is 0. */
export function seal(bytes: Uint8Array, start: number, end: number, field: number, sum: number): void {
  write16(bytes, field, checksumOf(internetSum(bytes, start, end, sum)))
}

/**
 * Returns the sum of TCP's and UDP's pseudo-header over IPv4 (RFC 9293 3.1), which binds a checksum to its addresses.
 * Addresses are 32-bit numbers; `length` covers the transport's header and payload, in bytes.
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
 * Returns the checksum after a covered 32-bit number, at an even offset, has changed (RFC 1624, equation 3). An invalid
 * checksum stays invalid.
 */
export const adjustChecksum = (check: number, was: number, is: number): number =>
  checksumOf(
    (check ^ 0xffff) + ((was >>> 16) ^ 0xffff) + ((was & 0xffff) ^ 0xffff) + (is >>> 16) + (is & 0xffff),
  )
