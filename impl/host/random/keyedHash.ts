import { hash } from 'node:crypto'
import { type Hashed, sipHash } from './sipHash.ts'

/**
 * Returns 64 bits that follow from two to four numbers, of which it takes the lowest 32 bits. Nobody can compute them without the
 * secret.
 */
export type KeyedHash = (first: number, second: number, third?: number, fourth?: number) => Hashed

export function keyedHash(secret: Uint8Array): KeyedHash {
  // Secrets differ in length.
  const digest = hash('sha256', secret, 'buffer')
  const key = Int32Array.from([0, 4, 8, 12], at => digest.readInt32LE(at))
  return (first, second, third = 0, fourth = 0) => sipHash(key, first, second, third, fourth)
}
