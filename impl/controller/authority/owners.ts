/** The keys to which prefixes belong, as an operator has told the controller. The longest prefix decides. */
import { isWithin, printPublicKey, readPublicKey } from '../../host/services/grant.ts'
import {
  printPrefix,
  SERVICE_BITS,
  type ServicePrefix,
  servicePrefixOf,
} from '../../host/services/serviceId.ts'
import { PlaneError } from '../errors.ts'
import { bitsOf, Prefixes } from '../prefixes.ts'

/** A prefix and its public keys, 32 bytes each. */
export interface Owned {
  readonly prefix: ServicePrefix
  readonly keys: readonly Uint8Array[]
  /** The keys as text. */
  readonly names: ReadonlySet<string>
}

/** Prefixes with keys: each registration below one looks them up. */
const OWNED_LIMIT = 4096
/** Keys of one prefix: the current one, and those before it while their grants last. */
const KEYS_LIMIT = 16

type Name = Pick<ServicePrefix, 'id' | 'bits'>

export class Owners {
  readonly #owned = new Prefixes<Owned>()
  readonly #all: readonly Owned[]

  /** Takes `ed25519:...` keys by prefix. Throws a ServiceError, CONTROLLER_KEYS. */
  constructor(keys: Readonly<Record<string, readonly string[]>>) {
    const all = Object.entries(keys)
    if (all.length > OWNED_LIMIT)
      throw new PlaneError('CONTROLLER_KEYS', `${all.length} prefixes have keys; give at most ${OWNED_LIMIT}`)
    this.#all = all.map(([prefix, texts]) => ownedBy(prefix, texts))
    for (const owned of this.#all) {
      const id = printPrefix(owned.prefix)
      for (const other of this.#owned.at(id))
        throw new PlaneError('CONTROLLER_KEYS', `'${other.prefix.text}' has keys twice; list them once`)
      this.#owned.add(id, owned)
    }
  }

  /** No name belongs to a key. */
  get isEmpty(): boolean {
    return this.#all.length === 0
  }

  /** Returns the longest prefix with keys that covers a service or prefix. */
  of(name: Name): Owned | undefined {
    if (this.isEmpty) return undefined
    const id = this.#owned.above(name.id).find(one => bitsOf(one) <= name.bits)
    return id === undefined ? undefined : [...this.#owned.at(id)][0]
  }

  /** Returns a longer prefix with keys that a prefix covers, unless this key is one of them. */
  below(name: Name, key: string | undefined): Owned | undefined {
    if (name.bits === SERVICE_BITS) return undefined
    return this.#all.find(
      ({ prefix, names }) =>
        prefix.bits > name.bits && isWithin(prefix, name) && !(key !== undefined && names.has(key)),
    )
  }
}

function ownedBy(text: string, texts: readonly string[]): Owned {
  const prefix = servicePrefixOf(text)
  if (texts.length === 0 || texts.length > KEYS_LIMIT)
    throw new PlaneError('CONTROLLER_KEYS', `'${text}' has ${texts.length} keys; give 1 to ${KEYS_LIMIT}`)
  const keys = texts.map(one => {
    const key = readPublicKey(one)
    if (key !== undefined) return key
    throw new PlaneError(
      'CONTROLLER_KEYS',
      `'${one.slice(0, 80)}' is no public key; write what serval key show prints, ed25519: and 43 letters`,
    )
  })
  return { prefix, keys, names: new Set(keys.map(printPublicKey)) }
}
