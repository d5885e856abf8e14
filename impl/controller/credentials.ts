/** The keys with which a host registers names that belong to a key, and what lets these keys do that. */
import type { KeyObject } from 'node:crypto'
import { publicKeyOf } from '../host/services/certificate.ts'
import { areEqual, isWithin, readGrant } from '../host/services/grant.ts'
import type { ServicePrefix } from '../host/services/serviceId.ts'

/** A private Ed25519 key, and a grant for it. Without a grant the key itself owns the prefix. */
export interface Credential {
  readonly key: KeyObject
  readonly grant?: string
}

type Name = Pick<ServicePrefix, 'id' | 'bits'>

interface Known extends Credential {
  readonly publicKey: Uint8Array
  /** What the last link of the grant is for; undefined for an owner's key. */
  readonly prefix: Name | undefined
}

export class Credentials {
  /** The narrowest grants first. */
  readonly #known: readonly Known[]

  /** Throws a TypeError for a text that is no grant, or one for another key. */
  constructor(credentials: readonly Credential[] = []) {
    const known = credentials.map(knownOf)
    this.#known = known.sort((a, b) => (b.prefix?.bits ?? -1) - (a.prefix?.bits ?? -1))
  }

  /**
   * Returns the credential for a service or prefix, only of `key` if given: the one with the narrowest grant, else an owner's
   * key. If none is for the name, returns any, so that the controller says what is wrong with it.
   */
  of(name: Name, key?: KeyObject): Credential | undefined {
    const own = key && publicKeyOf(key)
    const those = this.#known.filter(({ publicKey }) => own === undefined || areEqual(publicKey, own))
    return those.find(known => isFor(known, name)) ?? those[0]
  }

  /** Returns the credential with the narrowest grant for a service or prefix, else an owner's key, or undefined. */
  permitting(name: Name): Credential | undefined {
    return this.#known.find(known => isFor(known, name))
  }
}

const isFor = ({ prefix }: Known, name: Name): boolean => prefix === undefined || isWithin(name, prefix)

function knownOf({ key, grant }: Credential): Known {
  const publicKey = publicKeyOf(key)
  if (grant === undefined) return { key, publicKey, prefix: undefined }
  const last = readGrant(grant)?.at(-1)
  if (last === undefined) throw new TypeError('this is no grant; let serval key sign make one')
  if (!areEqual(last.to, publicKey))
    throw new TypeError('the grant is for another key; sign one for this key')
  return { key, grant, publicKey, prefix: last.prefix }
}
