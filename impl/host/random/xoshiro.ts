/** xoshiro128** (Blackman and Vigna, Scrambled linear pseudorandom number generators, 2018): fast, and predictable. */

/** Returns a generator of 32-bit numbers, unsigned. The four words of its state must not all be 0. */
export function xoshiro128(s0: number, s1: number, s2: number, s3: number): () => number {
  let [a, b, c, d] = [s0, s1, s2, s3]
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return result
  }
}

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/**
 * The same for a seed of 0 to 2^53 - 1. Each half of it gives two words of the state by a bijection (multiply by odd
 * numbers, fold down), so different seeds have different states, and none is all 0.
 */
export function seededXoshiro128(seed: number): () => number {
  const low = seed >>> 0
  const high = Math.floor(seed / 2 ** 32) >>> 0
  const draw = xoshiro128(mix(low), mix(low + STEP), mix(high + 2 * STEP), mix(high + 3 * STEP))
  for (let i = 0; i < UNUSED_DRAWS; i++) draw()
  return draw
}

/** The first draws each show one word of the state; after these, all depend on all. */
const UNUSED_DRAWS = 16

/** 2^32 / the golden ratio: separates neighbours. */
const STEP = 0x9e37_79b9

/** A bijection of 32-bit numbers, signed. */
export function mix(x: number): number {
  let mixed = x | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
  return mixed ^ (mixed >>> 15)
}
