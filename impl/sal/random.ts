/** Chance as an argument: what fills bytes, from a seed or from the system, and the identifiers made of it. */
import { randomFillSync } from 'node:crypto'

/** Fills all of `bytes`. */
export type RandomSource = (bytes: Uint8Array) => void

const POOL_BYTES = 4096

/** Unpredictable bytes of the system, fetched by the page. */
export function systemRandom(): RandomSource {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return bytes => {
    if (bytes.length > POOL_BYTES / 2) {
      randomFillSync(bytes)
      return
    }
    if (used + bytes.length > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    bytes.set(pool.subarray(used, used + bytes.length))
    // Nonces that were given out are not to be found in memory.
    pool.fill(0, used, used + bytes.length)
    used += bytes.length
  }
}

/** The same bytes for the same seed (0 to 2^53 - 1): for simulation alone, because anyone can go on from some output. */
export function seededRandom(seed: number): RandomSource {
  const next = xoshiro128(seed)
  return bytes => {
    let word = 0
    for (let i = 0; i < bytes.length; i++) {
      word = (i & 3) === 0 ? next() : word >>> 8
      bytes[i] = word
    }
  }
}

/** xoshiro128** of Blackman and Vigna (2018), its state filled by splitmix32. */
function xoshiro128(seed: number): () => number {
  let mixed = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85eb_ca6b)) | 0
  const fill = (): number => {
    mixed = (mixed + 0x9e37_79b9) | 0
    let z = mixed
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97)
    return z ^ (z >>> 15)
  }
  let [a, b, c, d] = [fill(), fill(), fill(), fill()]
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotate(d, 11)
    return result
  }
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

const word = new Uint8Array(8)

/** 32 bits. */
export function randomUint32(random: RandomSource): number {
  random(word)
  return (word[0]! | (word[1]! << 8) | (word[2]! << 16) | (word[3]! << 24)) >>> 0
}

/** In [0, 1), of 53 bits. */
export function randomFraction(random: RandomSource): number {
  const high = randomUint32(random) >>> 5
  const low = randomUint32(random) >>> 6
  return (high * 2 ** 26 + low) / 2 ** 53
}

/** Of a million flows held out of 2^32, eight in a row are met by chance once in 10^29. */
const ATTEMPTS_LIMIT = 8

/** A flowID that no living flow holds (invariants 8, 11), never 0. Throws if the source of chance repeats itself. */
export function newFlowId(random: RandomSource, isHeld: (flowId: number) => boolean): number {
  for (let attempt = 0; attempt < ATTEMPTS_LIMIT; attempt++) {
    const flowId = randomUint32(random)
    if (flowId !== 0 && !isHeld(flowId)) return flowId
  }
  throw new RangeError('no free flowID was drawn: the source of randomness repeats itself, use another')
}
