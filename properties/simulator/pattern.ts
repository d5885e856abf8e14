/** The bytes that ends write: byte `i` of one is like no other's, so that what is lost, shifted or mixed up shows. */
import { createHash, type Hash } from 'node:crypto'

/** 2^32 / the golden ratio: neighbours end far apart. */
const STEP = 0x9e37_79b1

const byteAt = (salt: number, at: number): number => Math.imul(at + salt, STEP) >>> 24

/** Fills `bytes` as those from `at` on. */
export function fill(bytes: Uint8Array, salt: number, at: number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = byteAt(salt, at + i)
  return bytes
}

/** How many of `bytes` are as those from `at` on, until the first that is not. */
export function agreeing(bytes: Uint8Array, salt: number, at: number): number {
  let i = 0
  while (i < bytes.length && bytes[i] === byteAt(salt, at + i)) i++
  return i
}

/** Far enough apart that no end's bytes go on as another's. */
export const saltOf = (flow: number, isServer: boolean): number =>
  Math.imul(2 * flow + (isServer ? 1 : 0), 0x0100_4f2b)

/** The length and SHA-256 of bytes that come piece by piece. */
export class Digest {
  bytes = 0
  readonly #hash: Hash = createHash('sha256')

  add(bytes: Uint8Array): void {
    this.bytes += bytes.length
    this.#hash.update(bytes)
  }

  /** In hexadecimal digits, of all so far. */
  value(): string {
    return this.#hash.copy().digest('hex')
  }
}
