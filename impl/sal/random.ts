/** Chance as an argument: what fills bytes, from a seed or from the system, and the identifiers made of it. */
import { randomFillSync } from 'node:crypto'
import { seededXoshiro128 } from './xoshiro.ts'

/** Fills all of `bytes`. */
export type RandomSource = (bytes: Uint8Array) => void

/** One call to the system serves a thousand flowIDs. */
const POOL_BYTES = 4096

/** Unpredictable bytes of the system, fetched in advance. */
export function systemRandom(): RandomSource {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return bytes => {
    if (bytes.length > POOL_BYTES) {
      randomFillSync(bytes)
      return
    }
    if (used + bytes.length > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const end = used + bytes.length
    bytes.set(pool.subarray(used, end))
    // What was given out, secrets too, is not to be found here again.
    pool.fill(0, used, end)
    used = end
  }
}

/** The same bytes for the same seed (0 to 2^53 - 1). For simulation alone: who sees some knows all that follow. */
export function seededRandom(seed: number): RandomSource {
  const draw = seededXoshiro128(seed)
  return bytes => {
    let word = 0
    for (let i = 0; i < bytes.length; i++) {
      word = (i & 3) === 0 ? draw() : word >>> 8
      bytes[i] = word
    }
  }
}

/** Filled and read within one call. */
const scratch = new Uint8Array(4)

/** 32 bits, unsigned. */
export function randomUint32(random: RandomSource): number {
  random(scratch)
  return (scratch[0]! | (scratch[1]! << 8) | (scratch[2]! << 16) | (scratch[3]! << 24)) >>> 0
}

/** In [0, 1), a multiple of 2^-53. */
export function randomFraction(random: RandomSource): number {
  const high = randomUint32(random) >>> 5
  const low = randomUint32(random) >>> 6
  return (high * 2 ** 26 + low) / 2 ** 53
}

/** A million flows hold 2^20 of 2^32 flowIDs: eight draws in a row meet one of them once in 2^96. */
const DRAWS_LIMIT = 8

/**
 * A flowID that no living flow holds (invariants 8, 11), never 0. Throws a RangeError when the source of randomness
 * does nothing but repeat itself.
 */
export function newFlowId(random: RandomSource, isHeld: (flowId: number) => boolean): number {
  for (let draws = 0; draws < DRAWS_LIMIT; draws++) {
    const flowId = randomUint32(random)
    if (flowId !== 0 && !isHeld(flowId)) return flowId
  }
  throw new RangeError('no free flowID was drawn: the source of randomness repeats itself, give another')
}
