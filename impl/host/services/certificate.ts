/**
 * Who may register a service whose serviceID certifies itself: the holder of the Ed25519 key (RFC 8032) whose hash it
 * carries (serviceId.ts). A certificate is that key with its signature over one statement: which instance of which
 * service is at which address, or is gone, and until when that may be said.
 *
 * Whoever overhears a certificate can say it again, but no other: not for another address, instance or service, and not
 * after it has expired. Who keeps registrations refuses a version that is not above the last of that service and
 * instance, and remembers that version until the certificate of it has expired; then an old one is never news.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { must } from '../../../checker/text/at.ts'
import { ipOf, ipv6Of, isIPv4, portOf } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { isCertified, KEY_HASH_BYTES, keyHashIn, SERVICE_BYTES, servicePrefixOf } from './serviceId.ts'

/** Of a certificate the first ones; then come 64 of the signature. Printed as base64url it has 128 letters. */
const KEY_BYTES = 32
export const INSTANCE_BYTES_LIMIT = 255
/** The longest life: twice the longest lease, and an hour between two clocks. Versions of gone instances outlive it. */
export const CERTIFICATE_LIFE_LIMIT_MS = 3 * 3600 * 1000

export interface Statement {
  readonly act: 'register' | 'unregister'
  /** 32 bytes. */
  readonly service: Uint8Array
  /** Tells the instances of a service apart: up to 255 bytes in UTF-8. */
  readonly instance: string
  readonly address: Address
  /** 0 to 2^53 - 1; each statement of an instance has a higher one than the last. */
  readonly version: number
  /** In ms since 1970, a whole number. */
  readonly expiresMs: number
  /** When the key signed it, ms since 1970. A controller without memory believes only newer ones than itself. */
  readonly issuedMs?: number
  /** Of a registration: its share of new flows, and how long it holds, ms. 0 without. */
  readonly priority?: number
  readonly weight?: number
  readonly leaseMs?: number
}

/** What is wrong with a certificate. */
export type CertificateFault =
  /** It is not 128 letters of base64url, or the statement is none that can be signed. */
  | 'CERTIFICATE_FORM'
  /** Its time is over. */
  | 'CERTIFICATE_EXPIRED'
  /** It would hold for longer than three hours. */
  | 'CERTIFICATE_LIFE'
  /** The serviceID carries no key's hash, or that of another key. */
  | 'CERTIFICATE_KEY'
  /** The key has not signed this statement. */
  | 'CERTIFICATE_SIGNATURE'

/** A new key of a service, as PEM (PKCS #8), to be kept where its instances alone can read it. */
export const newServiceKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Of PEM. Throws a TypeError if it is no Ed25519 key. */
export function readServiceKey(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  checkKey(key)
  return key
}

function checkKey({ type, asymmetricKeyType }: KeyObject): void {
  if (type === 'private' && asymmetricKeyType === 'ed25519') return
  throw new TypeError(
    `a service's key is a private key of Ed25519, not ${asymmetricKeyType} (${type}); make one with newServiceKey`,
  )
}

/** The 32 bytes of the public half. */
export const publicKeyOf = (key: KeyObject): Uint8Array =>
  new Uint8Array(Buffer.from(must(createPublicKey(key).export({ format: 'jwk' }).x), 'base64url'))

const keyHash = (publicKey: Uint8Array): Buffer =>
  createHash('sha256').update(publicKey).digest().subarray(0, KEY_HASH_BYTES)

/** The 16 bytes of a private key's serviceIDs. Throws a TypeError if it is no private Ed25519 key. */
export function keyHashOf(key: KeyObject): Uint8Array {
  checkKey(key)
  return keyHash(publicKeyOf(key))
}

/** `acme/web#1b4f...`: the service of this name and key (32 bytes), as `serviceIdOf` reads it. Throws a ServiceError. */
export const certifiedName = (name: string, publicKey: Uint8Array): string =>
  servicePrefixOf(`${name}#${keyHash(publicKey).toString('hex')}`).text

/** Whether a serviceID certifies itself by this key of 32 bytes. */
export const keyMatches = (id: Uint8Array, publicKey: Uint8Array): boolean =>
  isCertified(id) && keyHash(publicKey).equals(keyHashIn(id))

/** The certificate of a statement by the service's private key. Throws a RangeError for what cannot be stated. */
export function certify(statement: Statement, key: KeyObject): string {
  const bytes = encodeStatement(statement)
  if (bytes === undefined)
    throw new RangeError('a statement has a service, an instance, an address and whole numbers')
  return Buffer.concat([publicKeyOf(key), sign(null, bytes, key)]).toString('base64url')
}

/** What is wrong with the certificate of a statement at the time `now` (ms since 1970); undefined: nothing. */
export function certificateFault(
  statement: Statement,
  certificate: string,
  now: number,
): CertificateFault | undefined {
  const parts = decodeCertificate(certificate)
  const bytes = encodeStatement(statement)
  if (parts === undefined || bytes === undefined) return 'CERTIFICATE_FORM'
  if (statement.expiresMs <= now) return 'CERTIFICATE_EXPIRED'
  if (statement.expiresMs > now + CERTIFICATE_LIFE_LIMIT_MS) return 'CERTIFICATE_LIFE'
  if (!keyMatches(statement.service, parts.publicKey)) return 'CERTIFICATE_KEY'
  return isSigned(bytes, parts) ? undefined : 'CERTIFICATE_SIGNATURE'
}

interface Parts {
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
}

/** Of exactly the letters that `certify` writes: one certificate has one text. */
function decodeCertificate(text: string): Parts | undefined {
  if (!/^[A-Za-z0-9_-]{128}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return { publicKey: bytes.subarray(0, KEY_BYTES), signature: bytes.subarray(KEY_BYTES) }
}

/** Whether `publicKey` (32 bytes) made `signature` (64 bytes) of `bytes`. */
export function isSigned(bytes: Uint8Array, { publicKey, signature }: Parts): boolean {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }
    return verify(null, bytes, createPublicKey({ key: jwk, format: 'jwk' }), signature)
  } catch {
    // No point of the curve.
    return false
  }
}

/** Begins what is signed, so that a signature for another purpose is none for this. */
const PURPOSE = { register: 'serval register\n', unregister: 'serval unregister\n' } as const

/**
 * What is signed, the same bytes for the same statement: the purpose; the serviceID; the address as 16 bytes of IPv6
 * (IPv4 as ::ffff:a.b.c.d) and a port of 2; version, expiry, time of issue, priority, weight and lease with 8 bytes each;
 * the instance, to the end. Numbers are big-endian. The zone of an address is left out: it means something on its own host only. Undefined: cannot be stated.
 */
export function encodeStatement(statement: Statement): Uint8Array | undefined {
  const { act, service, instance, address, version, expiresMs } = statement
  const { issuedMs = 0, priority = 0, weight = 0, leaseMs = 0 } = statement
  const figures = [version, expiresMs, issuedMs, priority, weight, leaseMs]
  const host = addressBytes(address)
  const name = Buffer.from(instance, 'utf8')
  const isSound =
    host !== undefined &&
    service.length === SERVICE_BYTES &&
    instance.isWellFormed() &&
    name.length <= INSTANCE_BYTES_LIMIT &&
    figures.every(each => Number.isSafeInteger(each) && each >= 0)
  if (!isSound) return undefined
  const numbers = Buffer.alloc(8 * figures.length)
  for (const [i, figure] of figures.entries()) numbers.writeBigUInt64BE(BigInt(figure), 8 * i)
  return Buffer.concat([Buffer.from(PURPOSE[act]), service, host, numbers, name])
}

/**
 * 18 bytes: an address of IPv6 (IPv4 as ::ffff:a.b.c.d) and a port. Undefined for no address. The zone of an address has
 * a meaning on its own host only, and is left out.
 */
export function addressBytes(address: Address): Uint8Array | undefined {
  const bytes = Buffer.alloc(18)
  if (isIPv4(address)) {
    bytes.writeUInt16BE(0xffff, 10)
    bytes.writeUInt32BE(ipOf(address), 12)
  } else {
    const host = ipv6Of(address)
    if (host === undefined) return undefined
    bytes.set(host)
  }
  bytes.writeUInt16BE(portOf(address), 16)
  return bytes
}
