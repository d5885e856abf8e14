/**
 * A serviceID names a service with 256 bits: the first ones are the provider's, and so on down a hierarchy. People
 * write a hierarchical name, `acme/echo/eu`, or 64 hexadecimal digits.
 *
 * The mapping of names is stable. Every component takes 32 bits: the first ones of the SHA-256 of the name up to and
 * including that component, in lower case. So `acme/echo` is the first 64 bits of `acme/echo/eu`, and one rule for it
 * matches everything below it. The bits after the last component are 0.
 *
 * 32 bits are no protection: whoever may choose names below one parent finds two that collide after about 2^16
 * attempts. The serviceID of a keyed service, `acme/echo#` and 32 digits, contains the hash of a public key: up to
 * three components, then a mark, then 128 bits of the SHA-256 of the key. The mark distinguishes such serviceIDs from
 * all others, so no name may map to it (certificate.ts describes what the key signs).
 */

import { hash } from 'node:crypto'
import { must } from '../../../checker/text/at.ts'
import { Latest } from '../../../checker/text/latest.ts'
import { ServiceError } from './serviceErrors.ts'

export const SERVICE_BYTES = 32
export const SERVICE_BITS = 8 * SERVICE_BYTES

const COMPONENT_BITS = 32

/** The most components that fit in 256 bits. */
export const COMPONENTS_LIMIT = SERVICE_BITS / COMPONENT_BITS

/** `#key` in ASCII, in place of the fourth component: the hash of a key follows. */
const MARK = Uint8Array.of(0x23, 0x6b, 0x65, 0x79)
const MARK_AT = 12
const KEY_HASH_AT = 16
export const KEY_HASH_BYTES = SERVICE_BYTES - KEY_HASH_AT
/** The most components before the mark. */
const CERTIFIED_COMPONENTS_LIMIT = (8 * MARK_AT) / COMPONENT_BITS

/** All serviceIDs that share the first `bits` bits of `id`; its other bits are 0. `text` is for people. */
export interface ServicePrefix {
  readonly id: Uint8Array
  readonly bits: number
  readonly text: string
}

/** At most 63 characters, as in the DNS, so that no component looks like 64 digits. */
const COMPONENT = /^[A-Za-z0-9._-]{1,63}$/
const DIGITS = /^([0-9A-Fa-f]{64,})(?:\/(.*))?$/

/** The prefix of all serviceIDs; the default rule has it. */
export const EVERY_SERVICE = '*'
/** After a name: that service and everything below it. */
const AND_BELOW = '/*'

const isPrefix = (text: string): boolean =>
  text === EVERY_SERVICE || text.endsWith(AND_BELOW) || DIGITS.exec(text)?.[2] !== undefined

/** Returns the serviceID to connect to, for a name, with or without a key, or for 64 digits. Throws a ServiceError. */
export function serviceIdOf(text: string): Uint8Array {
  if (isPrefix(text))
    throw new ServiceError('SERVICE_ADDRESS', `'${text}' stands for many services: give a name or 64 digits`)
  return servicePrefixOf(text).id
}

/**
 * Returns the prefix to listen at: one service, as in `serviceIdOf`, or `acme/store/*`, 64 digits with `/bits`, or `*`.
 * Throws a ServiceError.
 */
export function listenedPrefixOf(text: string): ServicePrefix {
  if (!isPrefix(text)) return { id: serviceIdOf(text), bits: SERVICE_BITS, text: text.toLowerCase() }
  const prefix = servicePrefixOf(text)
  if (prefix.bits < SERVICE_BITS && isCertified(prefix.id))
    throw new ServiceError(
      'SERVICE_KEY',
      `'${text}' stands for keyed services; give one complete service, with its 32 digits`,
    )
  return prefix
}

/**
 * Returns the prefix of a rule: `acme/echo` or `acme/echo/*` for that service and everything below; `acme/echo#` with
 * 32 digits, 64 digits, 64 digits with `/bits`, or `*`. Throws a ServiceError.
 */
export function servicePrefixOf(text: string): ServicePrefix {
  if (text === EVERY_SERVICE) return prefixOfId(new Uint8Array(SERVICE_BYTES), 0)
  if (text.includes('#')) return prefixOfCertified(text)
  const [, digits, bits] = DIGITS.exec(text) ?? []
  if (digits === undefined) return prefixOfName(text.endsWith(AND_BELOW) ? text.slice(0, -2) : text)
  if (digits.length !== 2 * SERVICE_BYTES)
    throw new ServiceError(
      'SERVICE_DIGITS',
      `'${text.slice(0, 80)}' begins with ${digits.length} digits: a serviceID has 64`,
    )
  const id = new Uint8Array(Buffer.from(digits, 'hex'))
  return prefixOfId(
    id,
    bits === undefined ? SERVICE_BITS : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN,
  )
}

/**
 * Returns the serviceIDs that share the first `bits` bits of `id`, which is copied. Throws a ServiceError if later bits
 * are set.
 */
export function prefixOfId(id: Uint8Array, bits: number = SERVICE_BITS): ServicePrefix {
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= SERVICE_BITS))
    throw new ServiceError(
      'SERVICE_BITS',
      `a prefix has 0 to ${SERVICE_BITS} bits: correct what follows the '/'`,
    )
  for (let bit = bits; bit < SERVICE_BITS; bit++)
    if (((id[bit >> 3] as number) >> (7 - (bit & 7))) & 1)
      throw new ServiceError(
        'SERVICE_BITS',
        `bit ${bit} is set after a prefix of ${bits}: clear it, or take more bits`,
      )
  return { id: serviceIdAt(id), bits, text: printPrefix({ id, bits }) }
}

/** Prints a prefix in the form that `servicePrefixOf` reads, without a name. */
export function printPrefix({ id, bits }: Pick<ServicePrefix, 'id' | 'bits'>): string {
  if (bits === 0) return EVERY_SERVICE
  return bits === SERVICE_BITS ? printServiceId(id) : `${printServiceId(id)}/${bits}`
}

function prefixOfName(name: string): ServicePrefix {
  const components = name.split('/')
  if (components.length > COMPONENTS_LIMIT || !components.every(one => COMPONENT.test(one)))
    throw new ServiceError(
      'SERVICE_NAME',
      `'${name.slice(0, 80)}' is no service name: write 1 to ${COMPONENTS_LIMIT} parts with '/' between them, each of 1 to 63 ` +
        "letters a to z, digits, '.', '_' and '-'; '/*' behind them stands for all below",
    )
  const text = name.toLowerCase()
  const above = text.slice(0, Math.max(0, text.lastIndexOf('/')))
  const id = new Uint8Array(SERVICE_BYTES)
  if (above !== '') id.set(idAbove(above))
  addComponent(id, components.length - 1, text)
  if (isCertified(id))
    throw new ServiceError('SERVICE_NAME', `'${name}' maps to what marks a key, by chance: choose another`)
  const bits = components.length * COMPONENT_BITS
  return { id, bits, text: bits < SERVICE_BITS ? text + AND_BELOW : text }
}

/** IDs of the names above those used last. A host has many services below few names. */
const MOST_ABOVE = 256
const recentAbove = new Latest<string, Uint8Array>(MOST_ABOVE)

/** Returns the id of a name in lower case, whose bytes are shared. */
function idAbove(name: string): Uint8Array {
  const known = recentAbove.get(name)
  if (known !== undefined) return known
  const id = new Uint8Array(SERVICE_BYTES)
  for (let end = name.indexOf('/'), index = 0; ; end = name.indexOf('/', end + 1), index++) {
    addComponent(id, index, end < 0 ? name : name.slice(0, end))
    if (end < 0) break
  }
  recentAbove.set(name, id)
  return id
}

/** Sets the component at this index: `name` ends with it. */
function addComponent(id: Uint8Array, index: number, name: string): void {
  const digest = hash('sha256', name, 'buffer')
  id.set(digest.subarray(0, COMPONENT_BITS / 8), (index * COMPONENT_BITS) / 8)
}

function prefixOfCertified(text: string): ServicePrefix {
  const [name, digits, ...more] = text.split('#')
  if (more.length > 0 || !/^[0-9A-Fa-f]{32}$/.test(must(digits)))
    throw new ServiceError('SERVICE_KEY', `'${text}' has no key: write 32 hexadecimal digits after one '#'`)
  const prefix = prefixOfName(must(name))
  if (prefix.bits > 8 * MARK_AT)
    throw new ServiceError(
      'SERVICE_KEY',
      `'${text}' leaves no room for a key: write ${CERTIFIED_COMPONENTS_LIMIT} parts at most before the '#'`,
    )
  const { id } = prefix
  id.set(MARK, MARK_AT)
  id.set(Buffer.from(must(digits), 'hex'), KEY_HASH_AT)
  return { id, bits: SERVICE_BITS, text: text.toLowerCase() }
}

/** True if the serviceID at `at` contains the hash of a key; only that key may register it. */
export const isCertified = (bytes: Uint8Array, at = 0): boolean =>
  bytes[at + MARK_AT] === MARK[0] &&
  bytes[at + MARK_AT + 1] === MARK[1] &&
  bytes[at + MARK_AT + 2] === MARK[2] &&
  bytes[at + MARK_AT + 3] === MARK[3]

/** Returns the hash in the serviceID of a keyed service. */
export const keyHashIn = (id: Uint8Array): Uint8Array => id.subarray(KEY_HASH_AT, SERVICE_BYTES)

/**
 * Copies the serviceID at `at` explicitly, because `Buffer.slice` would return a view that keeps the whole datagram
 * alive.
 */
export const serviceIdAt = (bytes: Uint8Array, at = 0): Uint8Array =>
  new Uint8Array(bytes.subarray(at, at + SERVICE_BYTES))

/** Returns the 64 digits of the serviceID at `at`. */
export const printServiceId = (bytes: Uint8Array, at = 0): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, SERVICE_BYTES).toString('hex')

/** Returns a negative number, 0 or a positive one: the order of serviceIDs as numbers. */
export function compareServiceIds(a: Uint8Array, b: Uint8Array, atA = 0, atB = 0): number {
  for (let i = 0; i < SERVICE_BYTES; i++) {
    const difference = (a[atA + i] as number) - (b[atB + i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** True if a serviceID begins with this prefix. */
export function covers({ id, bits }: Pick<ServicePrefix, 'id' | 'bits'>, service: Uint8Array): boolean {
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (id[i] !== service[i]) return false
  const rest = bits & 7
  return rest === 0 || (((id[whole] as number) ^ (service[whole] as number)) & (0xff00 >> rest) & 0xff) === 0
}

export const equalServiceIds = (a: Uint8Array, b: Uint8Array, atA = 0, atB = 0): boolean =>
  compareServiceIds(a, b, atA, atB) === 0
