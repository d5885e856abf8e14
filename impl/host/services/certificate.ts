/**
 * Certificates for keyed services: only the holder of the Ed25519 key (RFC 8032) whose hash a serviceID contains
 * (serviceId.ts) may register it. A certificate is that key with its signature over one statement: which
 * instance of which service is at which address, or has ended, and until when the statement is valid.
 *
 * An eavesdropper can replay a certificate, but cannot use it for another address, instance or service, nor after it
 * has expired. A controller rejects a version that is not above the last one of that service and instance, and
 * remembers that version until its certificate has expired, so an old certificate never counts as new.
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

/** The first bytes of a certificate, before the 64 of the signature. In base64url it has 128 letters. */
const KEY_BYTES = 32
export const INSTANCE_BYTES_LIMIT = 255
/**
 * The longest validity: twice the longest lease, plus an hour between two clocks. Versions of ended instances are kept
 * longer.
 */
export const CERTIFICATE_LIFE_LIMIT_MS = 3 * 3600 * 1000

export interface Statement {
  readonly act: 'register' | 'unregister'
  /** 32 bytes. */
  readonly service: Uint8Array
  /** Distinguishes the instances of a service: up to 255 bytes in UTF-8. */
  readonly instance: string
  readonly address: Address
  /** 0 to 2^53 - 1; each statement of an instance has a higher version than the last. */
  readonly version: number
  /** In ms since 1970, a whole number. */
  readonly expiresMs: number
  /**
   * When the key signed it, ms since 1970. A controller that has lost its memory trusts only certificates newer than
   * its start.
   */
  readonly issuedMs?: number
  /** Of a registration: its share of new flows, and its lease, ms. Default 0. */
  readonly priority?: number
  readonly weight?: number
  readonly leaseMs?: number
  /** Of a registration: the host's own check of the instance fails. Default false. */
  readonly isFailing?: boolean
}

/** Why a certificate is invalid. */
export type CertificateFault =
  /** It is not 128 letters of base64url, or the statement cannot be signed. */
  | 'CERTIFICATE_FORM'
  /** It has expired. */
  | 'CERTIFICATE_EXPIRED'
  /** It would be valid for more than three hours. */
  | 'CERTIFICATE_LIFE'
  /** The serviceID contains no key's hash, or that of another key. */
  | 'CERTIFICATE_KEY'
  /** The key has not signed this statement. */
  | 'CERTIFICATE_SIGNATURE'

/** Returns a new key for a service as PEM (PKCS #8). Store it where only its instances can read it. */
export const newServiceKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Reads PEM. Throws a TypeError unless it is a private Ed25519 key. */
export function readServiceKey(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  checkKey(key)
  return key
}

function checkKey({ type, asymmetricKeyType }: KeyObject): void {
  if (type === 'private' && asymmetricKeyType === 'ed25519') return
  throw new TypeError(
    `a service's private key is Ed25519, not ${asymmetricKeyType} (${type}); make one with newServiceKey`,
  )
}

/** The 32 bytes of the public half. */
export const publicKeyOf = (key: KeyObject): Uint8Array =>
  new Uint8Array(Buffer.from(must(createPublicKey(key).export({ format: 'jwk' }).x), 'base64url'))

const keyHash = (publicKey: Uint8Array): Buffer =>
  createHash('sha256').update(publicKey).digest().subarray(0, KEY_HASH_BYTES)

/** Returns the 16 bytes that its serviceIDs contain. Throws a TypeError unless it is a private Ed25519 key. */
export function keyHashOf(key: KeyObject): Uint8Array {
  checkKey(key)
  return keyHash(publicKeyOf(key))
}

/**
 * Returns `acme/web#1b4f...`: the service of this name and key (32 bytes), in the form that `serviceIdOf` reads. Throws
 * a ServiceError.
 */
export const certifiedName = (name: string, publicKey: Uint8Array): string =>
  servicePrefixOf(`${name}#${keyHash(publicKey).toString('hex')}`).text

/** True if a serviceID contains the hash of this key of 32 bytes. */
export const keyMatches = (id: Uint8Array, publicKey: Uint8Array): boolean =>
  isCertified(id) && keyHash(publicKey).equals(keyHashIn(id))

/**
 * Returns the certificate of a statement, signed with the service's private key. Throws a RangeError if the statement
 * cannot be encoded.
 */
export function certify(statement: Statement, key: KeyObject): string {
  const bytes = encodeStatement(statement)
  if (bytes === undefined)
    throw new RangeError('a statement has a service, an instance, an address and whole numbers')
  return Buffer.concat([publicKeyOf(key), sign(null, bytes, key)]).toString('base64url')
}

/**
 * Returns why the certificate of a statement is invalid at `now` (ms since 1970), or undefined. `isRight` says whether a
 * key may sign the statement: the one whose hash the serviceID contains, unless the name belongs to a key (grant.ts).
 */
export function certificateFault(
  statement: Statement,
  certificate: string,
  now: number,
  isRight = (key: Uint8Array): boolean => keyMatches(statement.service, key),
): CertificateFault | undefined {
  const parts = decodeCertificate(certificate)
  const bytes = encodeStatement(statement)
  if (parts === undefined || bytes === undefined) return 'CERTIFICATE_FORM'
  if (statement.expiresMs <= now) return 'CERTIFICATE_EXPIRED'
  if (statement.expiresMs > now + CERTIFICATE_LIFE_LIMIT_MS) return 'CERTIFICATE_LIFE'
  if (!isRight(parts.publicKey)) return 'CERTIFICATE_KEY'
  return isSigned(bytes, parts) ? undefined : 'CERTIFICATE_SIGNATURE'
}

interface Parts {
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
}

/** Accepts exactly the letters that `certify` writes: each certificate has only one text. */
function decodeCertificate(text: string): Parts | undefined {
  if (!/^[A-Za-z0-9_-]{128}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return { publicKey: bytes.subarray(0, KEY_BYTES), signature: bytes.subarray(KEY_BYTES) }
}

/** Returns the public key in a certificate, 32 bytes, which may be invalid; undefined for a text of another form. */
export const certificateSigner = (text: string): Uint8Array | undefined => decodeCertificate(text)?.publicKey

/** True if `signature` (64 bytes) of `bytes` was made with `publicKey` (32 bytes). */
export function isSigned(bytes: Uint8Array, { publicKey, signature }: Parts): boolean {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }
    return verify(null, bytes, createPublicKey({ key: jwk, format: 'jwk' }), signature)
  } catch {
    // Not a point of the curve.
    return false
  }
}

/** Starts the signed bytes, so that a signature for another purpose is invalid here. */
const purposeOf = ({ act, isFailing = false }: Statement): string =>
  `serval ${isFailing ? 'failing ' : ''}${act}\n`

/**
 * Returns the signed bytes of a statement: the purpose, which says whether the instance fails; the serviceID; the address as 16 bytes of IPv6 (IPv4 as
 * ::ffff:a.b.c.d) and 2 of the port; version, expiry, time of issue, priority, weight and lease with 8 bytes each; then
 * the instance. Numbers are big-endian. Omits the zone of an address, which only its own host understands. Undefined if
 * the statement cannot be encoded.
 */
export function encodeStatement(statement: Statement): Uint8Array | undefined {
  const { service, instance, address, version, expiresMs } = statement
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
  return Buffer.concat([Buffer.from(purposeOf(statement)), service, host, numbers, name])
}

/**
 * Returns 18 bytes: an IPv6 address (IPv4 as ::ffff:a.b.c.d) and a port. Undefined for no address. Omits the zone,
 * which only its own host understands.
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
