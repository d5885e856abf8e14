/**
 * HalfSipHash-2-4 (Aumasson and Bernstein, 2012) of one 32-bit message under a 64-bit key: without the key, it is
 * indistinguishable from a random function. Unlike node:crypto it allocates nothing.
 */

/** All words and the result are 32 bits, signed. The bytes of `message` are read lowest first. */
export function halfSipHash(key0: number, key1: number, message: number): number {
  let v0 = key0
  let v1 = key1
  let v2 = key0 ^ 0x6c79_6765
  let v3 = key1 ^ 0x7465_6462
  for (let round = 0; round < ROUNDS; round++) {
    // Two rounds for each of two words, the message and its length, then four to finish.
    if (round === 0) v3 ^= message
    else if (round === 2) {
      v0 ^= message
      v3 ^= LENGTH
    } else if (round === 4) {
      v0 ^= LENGTH
      v2 ^= 0xff
    }
    v0 = (v0 + v1) | 0
    v1 = rotateLeft(v1, 5) ^ v0
    v0 = rotateLeft(v0, 16)
    v2 = (v2 + v3) | 0
    v3 = rotateLeft(v3, 8) ^ v2
    v0 = (v0 + v3) | 0
    v3 = rotateLeft(v3, 7) ^ v0
    v2 = (v2 + v1) | 0
    v1 = rotateLeft(v1, 13) ^ v2
    v2 = rotateLeft(v2, 16)
  }
  return v1 ^ v3
}

const ROUNDS = 8
/** 4 bytes, in the highest byte of the last word. */
const LENGTH = 4 << 24

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by))
