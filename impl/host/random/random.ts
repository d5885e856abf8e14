/** Randomness as an argument: a function that fills bytes, from a seed or from the system, and numbers made from it. */
import { hash, randomFillSync } from 'node:crypto'
import { seededXoshiro128 } from './xoshiro.ts'

/** Fills all of `bytes`. */
export type RandomSource = (bytes: Uint8Array) => void

/** One system call serves a thousand numbers. */
const POOL_BYTES = 4096

/** Returns unpredictable bytes of the system, fetched in advance. */
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
    // Erases bytes that were handed out, because they may be secrets.
    pool.fill(0, used, end)
    used = end
  }
}

/** Returns the same bytes for the same seed (0 to 2^53 - 1). Only for simulations: some bytes reveal all that follow. */
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

/** Reused: filled and read within one call. */
const scratch = new Uint8Array(4)

/** 32 bits, unsigned. */
export function randomUint32(random: RandomSource): number {
  random(scratch)
  return (
    ((scratch[0] as number) |
      ((scratch[1] as number) << 8) |
      ((scratch[2] as number) << 16) |
      ((scratch[3] as number) << 24)) >>>
    0
  )
}

/** A multiple of 2^-53 in [0, 1). */
export function randomFraction(random: RandomSource): number {
  const high = randomUint32(random) >>> 5
  const low = randomUint32(random) >>> 6
  return (high * 2 ** 26 + low) / 2 ** 53
}

const SECRET_BYTES = 32

/** Returns the 64 secret bytes of a purpose, the same at each call. A leaked value reveals nothing about other purposes. */
export type Secrets = (
  purpose: 'nonces' | 'service table' | 'answers' | 'reflection' | 'reset tokens' | 'connection keys',
) => Buffer

/** Draws the host's master secret from `random`, once. */
export function newSecrets(random: RandomSource): Secrets {
  const secret = new Uint8Array(SECRET_BYTES)
  random(secret)
  // Purposes are constants, and nobody sees a digest: nothing can be appended, so no HMAC is needed.
  return purpose => hash('sha512', Buffer.concat([secret, Buffer.from(purpose)]), 'buffer')
}
