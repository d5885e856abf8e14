/** The secrets of a host, one per purpose: a leaked value reveals nothing about other purposes. */
import { hash } from 'node:crypto'
import type { RandomSource } from './random.ts'

const SECRET_BYTES = 32

/** Returns the 64 bytes of a purpose, the same at each call. */
export type Secrets = (purpose: 'nonces' | 'service table' | 'answers' | 'reflection') => Buffer

/** Draws the host's master secret from `random`, once. */
export function newSecrets(random: RandomSource): Secrets {
  const secret = new Uint8Array(SECRET_BYTES)
  random(secret)
  // Purposes are constants, and nobody sees a digest: nothing can be appended, so no HMAC is needed.
  return purpose => hash('sha512', Buffer.concat([secret, Buffer.from(purpose)]), 'buffer')
}
