/** The private keys that a stack holds, by the serviceIDs that they prove. */
import type { KeyObject } from 'node:crypto'
import { keyHashOf } from '../host/services/certificate.ts'
import { isCertified, keyHashIn } from '../host/services/serviceId.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export class ServiceKeys {
  readonly #byHash = new Map<string, KeyObject>()

  constructor(keys: readonly KeyObject[] = []) {
    for (const key of keys) this.add(key)
  }

  /** Takes an Ed25519 private key (`readServiceKey`). Throws a TypeError for another. */
  add(key: KeyObject): void {
    this.#byHash.set(hex(keyHashOf(key)), key)
  }

  /** Returns the key whose hash the serviceID contains. Undefined for a plain serviceID, or if the stack lacks the key. */
  of(service: Uint8Array): KeyObject | undefined {
    return isCertified(service) ? this.#byHash.get(hex(keyHashIn(service))) : undefined
  }
}
