/**
 * Grants: the key to which a prefix belongs lets another key register names below it, until a time. The holder of the other
 * key may pass a part of that on. A grant is a chain of up to three links, from the prefix's key to the key of an instance.
 * Controllers know which key a prefix belongs to (impl/controller/authority). docs/authority.md explains it.
 */
import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { must } from '../../../checker/text/at.ts'
import { isSigned, publicKeyOf } from './certificate.ts'
import { covers, prefixOfId, SERVICE_BITS, SERVICE_BYTES, type ServicePrefix } from './serviceId.ts'

/** The most links of a chain: the owner, a team, an instance. */
export const GRANT_LINKS_LIMIT = 3

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** The version of the form. */
const VERSION = 1
/** Version, serviceID, bits, expiry, the key that receives, the key that signs. */
const SIGNED_BYTES = 1 + SERVICE_BYTES + 2 + 8 + 2 * KEY_BYTES
const LINK_BYTES = SIGNED_BYTES + SIGNATURE_BYTES
/** A link as text has 228 letters of base64url. */
const LINK_CHARACTERS = (4 * LINK_BYTES) / 3
const BETWEEN = '.'

/** Begins the signed bytes, so that a signature for another purpose is invalid here. */
const PURPOSE = Buffer.from('serval grant\n')

/** The text of a grant: its links, from the prefix's key on. */
export const GRANT_FORM = new RegExp(
  `^[\\w-]{${LINK_CHARACTERS}}(\\.[\\w-]{${LINK_CHARACTERS}}){0,${GRANT_LINKS_LIMIT - 1}}$`,
)

/** One link of a grant, signed by the key `from`. */
export interface GrantLink {
  readonly prefix: Pick<ServicePrefix, 'id' | 'bits'>
  /** When it expires, ms since 1970. */
  readonly expiresMs: number
  /** The public key that signs, and the one that may register: 32 bytes each. */
  readonly from: Uint8Array
  readonly to: Uint8Array
}

/** Why a grant does not let a key register a name. */
export type GrantFault =
  /** It is no chain of one to three links. */
  | 'GRANT_FORM'
  /** It does not lead from a key of the prefix to the key that signed the claim. */
  | 'GRANT_KEY'
  /** A link is for other names. */
  | 'GRANT_NAME'
  /** A link has expired. */
  | 'GRANT_EXPIRED'
  /** A key has not signed its link. */
  | 'GRANT_SIGNATURE'

/**
 * Returns the text of a grant: `key` lets the public key `to` register what `prefix` covers. A key that was itself
 * granted this appends to its own grant, `own`. Throws a RangeError if the chain is too long, or the expiry is no time.
 */
export function grantOf(key: KeyObject, link: Omit<GrantLink, 'from'>, own?: string): string {
  const links = own === undefined ? [] : own.split(BETWEEN)
  if (links.length >= GRANT_LINKS_LIMIT)
    throw new RangeError(`a grant has at most ${GRANT_LINKS_LIMIT} links; let an earlier key sign it`)
  if (!Number.isSafeInteger(link.expiresMs) || link.expiresMs < 0)
    throw new RangeError('a grant expires at a whole number of ms since 1970')
  const body = bytesOf({ ...link, from: publicKeyOf(key) })
  const signature = sign(null, Buffer.concat([PURPOSE, body]), key)
  return [...links, Buffer.concat([body, signature]).toString('base64url')].join(BETWEEN)
}

function bytesOf({ prefix, expiresMs, from, to }: GrantLink): Buffer {
  const figures = Buffer.alloc(10)
  figures.writeUInt16BE(prefix.bits)
  figures.writeBigUInt64BE(BigInt(expiresMs), 2)
  return Buffer.concat([Uint8Array.of(VERSION), prefix.id, figures, to, from])
}

interface SignedLink extends GrantLink {
  readonly bytes: Buffer
  readonly text: string
}

/** Returns the links of a grant without verifying signatures, or undefined. Each grant has only one text. */
export function readGrant(text: string): readonly GrantLink[] | undefined {
  if (!GRANT_FORM.test(text)) return undefined
  const links = text.split(BETWEEN).map(readLink)
  return links.every(link => link !== undefined) ? links : undefined
}

function readLink(text: string): SignedLink | undefined {
  const bytes = Buffer.from(text, 'base64url')
  const id = new Uint8Array(bytes.subarray(1, 1 + SERVICE_BYTES))
  const bits = bytes.readUInt16BE(1 + SERVICE_BYTES)
  const expires = bytes.readBigUInt64BE(3 + SERVICE_BYTES)
  if (bytes[0] !== VERSION || bits > SERVICE_BITS || expires > Number.MAX_SAFE_INTEGER) return undefined
  try {
    const prefix = prefixOfId(id, bits)
    const keys = bytes.subarray(11 + SERVICE_BYTES, SIGNED_BYTES)
    const [to, from] = [keys.subarray(0, KEY_BYTES), keys.subarray(KEY_BYTES)]
    return { prefix, expiresMs: Number(expires), from, to, bytes, text }
  } catch {
    // A bit after the prefix is set.
    return undefined
  }
}

/** The name to register, the keys of its prefix, and the key that signs the registration. */
export interface Granted {
  readonly name: Pick<ServicePrefix, 'id' | 'bits'>
  readonly owners: readonly Uint8Array[]
  readonly signer: Uint8Array
}

/** Remembers links whose signatures were valid, so that each is verified once. */
export type Verified = Pick<Map<string, true>, 'has' | 'set'>

/** The owner that a grant begins with, and when the first of its links expires, ms since 1970. */
export interface ValidGrant {
  readonly owner: Uint8Array
  readonly expiresMs: number
}

/** Returns what a grant proves, or why it proves nothing. Without a grant an owner of the prefix has signed. */
export function verifyGrant(
  text: string | undefined,
  { name, owners, signer }: Granted,
  now: number,
  verified: Verified = new Map(),
): ValidGrant | GrantFault {
  const links = text === undefined ? [] : (readGrant(text) as readonly SignedLink[] | undefined)
  if (links === undefined) return 'GRANT_FORM'
  const owner = links[0]?.from ?? signer
  if (!owners.some(one => areEqual(one, owner))) return 'GRANT_KEY'
  let [holder, expiresMs] = [owner, Infinity]
  for (const link of links) {
    if (!areEqual(link.from, holder)) return 'GRANT_KEY'
    if (!isWithin(name, link.prefix)) return 'GRANT_NAME'
    if (link.expiresMs <= now) return 'GRANT_EXPIRED'
    holder = link.to
    expiresMs = Math.min(expiresMs, link.expiresMs)
  }
  if (!areEqual(holder, signer)) return 'GRANT_KEY'
  return links.every(link => hasSigned(link, verified)) ? { owner, expiresMs } : 'GRANT_SIGNATURE'
}

function hasSigned({ bytes, from, text }: SignedLink, verified: Verified): boolean {
  if (verified.has(text)) return true
  const [body, signature] = [bytes.subarray(0, SIGNED_BYTES), bytes.subarray(SIGNED_BYTES)]
  if (!isSigned(Buffer.concat([PURPOSE, body]), { publicKey: from, signature })) return false
  verified.set(text, true)
  return true
}

/** True if all services below `name` are below `prefix`. */
export const isWithin = (
  name: Pick<ServicePrefix, 'id' | 'bits'>,
  prefix: Pick<ServicePrefix, 'id' | 'bits'>,
): boolean => name.bits >= prefix.bits && covers(prefix, name.id)

export const areEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

const KEY_PREFIX = 'ed25519:'

/** Returns a public key of 32 bytes as text: `ed25519:` and 43 letters of base64url. */
export const printPublicKey = (key: Uint8Array): string => KEY_PREFIX + Buffer.from(key).toString('base64url')

/** Reads a public key. Returns undefined for another text, and for bytes that are no key. */
export function readPublicKey(text: string): Uint8Array | undefined {
  const [, letters] = /^ed25519:([\w-]{43})$/.exec(text) ?? []
  if (letters === undefined) return undefined
  const key = new Uint8Array(Buffer.from(letters, 'base64url'))
  try {
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: must(letters) }, format: 'jwk' })
  } catch {
    return undefined
  }
  return printPublicKey(key) === text ? key : undefined
}
