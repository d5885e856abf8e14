import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { fromIPv4, fromIPv6, parseAddress } from '../../link/address.ts'
import {
  CERTIFICATE_LIFE_LIMIT_MS,
  certificateFault,
  certifiedName,
  certify,
  encodeStatement,
  INSTANCE_BYTES_LIMIT,
  keyMatches,
  newServiceKey,
  publicKeyOf,
  readServiceKey,
  type Statement,
} from './certificate.ts'
import { SERVICE_BYTES, serviceIdOf } from './serviceId.ts'

const NOW = 1_700_000_000_000
const key = readServiceKey(newServiceKey())
const otherKey = readServiceKey(newServiceKey())
const name = certifiedName('acme/web', publicKeyOf(key))
const good: Statement = {
  act: 'register',
  service: serviceIdOf(name),
  instance: 'one',
  address: parseAddress('192.0.2.1:54325'),
  version: 7,
  expiresMs: NOW + 30_000,
  issuedMs: NOW,
  priority: 100,
  weight: 1,
  leaseMs: 30_000,
  isFailing: false,
}

const address = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.nat(65_535)).map(([ip, port]) => fromIPv4(ip, port)),
  fc
    .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(65_535))
    .map(([bytes, port]) => fromIPv6(bytes.with(0, 0x20), port)),
)
const statement: fc.Arbitrary<Statement> = fc.record({
  act: fc.constantFrom('register', 'unregister'),
  service: fc.uint8Array({ minLength: SERVICE_BYTES, maxLength: SERVICE_BYTES }),
  instance: fc
    .array(fc.nat(0xffff), { maxLength: 60 })
    .map(codes => String.fromCharCode(...codes).toWellFormed()),
  address,
  version: fc.maxSafeNat(),
  expiresMs: fc.maxSafeNat(),
  issuedMs: fc.maxSafeNat(),
  priority: fc.maxSafeNat(),
  weight: fc.maxSafeNat(),
  leaseMs: fc.maxSafeNat(),
  isFailing: fc.boolean(),
})

test('a name with a key contains the first half of the hash of the key', () => {
  const publicKey = publicKeyOf(key)
  const hash = createHash('sha256').update(publicKey).digest('hex')
  expect(name).toBe(`acme/web#${hash.slice(0, 32)}`)
  expect(keyMatches(serviceIdOf(name), publicKey)).toBe(true)
  expect(keyMatches(serviceIdOf(name), publicKeyOf(otherKey))).toBe(false)
  expect(keyMatches(serviceIdOf('acme/web'), publicKey)).toBe(false)
})

test('a key survives the round trip, and keys of other kinds are rejected', () => {
  const pem = newServiceKey()
  expect(publicKeyOf(readServiceKey(pem))).toEqual(publicKeyOf(readServiceKey(pem)))
  const { privateKey } = generateKeyPairSync('x25519')
  const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  expect(() => readServiceKey(other)).toThrow(/Ed25519, not x25519/)
})

test('the test vector of RFC 8032 7.1: this key, and its signature of the statement', () => {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex').toString('base64')
  const known = readServiceKey(`-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`)
  const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
  expect(Buffer.from(publicKeyOf(known)).toString('hex')).toBe(publicKey)
  const certificate = Buffer.from(certify(good, known), 'base64url')
  expect(certificate.toString('hex')).toBe(
    publicKey + sign(null, must(encodeStatement(good)), known).toString('hex'),
  )
})

test('a statement is signed as these bytes', () => {
  const service = new Uint8Array(SERVICE_BYTES).fill(0xab)
  const bytes = must(encodeStatement({ ...good, service, version: 258, expiresMs: 2 ** 40, weight: 5 }))
  expect(Buffer.from(bytes).toString('hex')).toBe(
    [
      Buffer.from('serval register\n').toString('hex'),
      'ab'.repeat(32),
      '00000000000000000000ffffc0000201d435',
      '0000000000000102',
      '0000010000000000',
      NOW.toString(16).padStart(16, '0'),
      '0000000000000064',
      '0000000000000005',
      '0000000000007530',
      Buffer.from('one').toString('hex'),
    ].join(''),
  )
  const v6 = must(encodeStatement({ ...good, address: parseAddress('[2001:db8::1]:80') }))
  expect(Buffer.from(v6.subarray(48, 66)).toString('hex')).toBe('20010db80000000000000000000000010050')
})

test('different statements are signed as different bytes', () => {
  const same = (a: Statement, b: Statement): boolean =>
    JSON.stringify({ ...a, service: [...a.service] }) === JSON.stringify({ ...b, service: [...b.service] })
  const pair = fc.tuple(statement, fc.record(partsOf(statement), { requiredKeys: [] }))
  fc.assert(
    fc.property(pair, ([one, change]) => {
      const other = { ...one, ...change }
      const [a, b] = [must(encodeStatement(one)), must(encodeStatement(other))]
      expect(Buffer.from(a).equals(b)).toBe(same(one, other))
    }),
  )
})

/** Returns each part of a statement separately. */
function partsOf(all: fc.Arbitrary<Statement>) {
  const part = <Name extends keyof Statement>(name: Name) => all.map(one => one[name])
  return {
    act: part('act'),
    service: part('service'),
    instance: part('instance'),
    address: part('address'),
    version: part('version'),
    expiresMs: part('expiresMs'),
    issuedMs: part('issuedMs'),
    priority: part('priority'),
    weight: part('weight'),
    leaseMs: part('leaseMs'),
    isFailing: part('isFailing'),
  }
}

describe('a certificate', () => {
  const certificate = certify(good, key)

  test('is valid until it expires', () => {
    expect(certificateFault(good, certificate, NOW)).toBeUndefined()
    expect(certificateFault(good, certificate, good.expiresMs - 1)).toBeUndefined()
    expect(certificateFault(good, certificate, good.expiresMs)).toBe('CERTIFICATE_EXPIRED')
  })

  test('is valid for at most three hours', () => {
    const long = { ...good, expiresMs: NOW + CERTIFICATE_LIFE_LIMIT_MS }
    expect(certificateFault(long, certify(long, key), NOW)).toBeUndefined()
    expect(certificateFault(long, certify(long, key), NOW - 1)).toBe('CERTIFICATE_LIFE')
  })

  test.for([
    ['act', { act: 'unregister' }],
    ['time of issue', { issuedMs: NOW + 1 }],
    ['priority', { priority: 101 }],
    ['weight', { weight: 0 }],
    ['lease', { leaseMs: 60_000 }],
    ['health', { isFailing: true }],
    ['instance', { instance: 'two' }],
    ['address', { address: parseAddress('192.0.2.2:54325') }],
    ['port', { address: parseAddress('192.0.2.1:54326') }],
    ['version', { version: 8 }],
    ['expiry', { expiresMs: good.expiresMs + 1 }],
  ] as const)('of one %s is invalid for another', ([, change]) => {
    expect(certificateFault({ ...good, ...change }, certificate, NOW)).toBe('CERTIFICATE_SIGNATURE')
  })

  test('of one service is invalid for another, and for a service without a key', () => {
    const sibling = { ...good, service: serviceIdOf(certifiedName('acme/mail', publicKeyOf(key))) }
    expect(certificateFault(sibling, certificate, NOW)).toBe('CERTIFICATE_SIGNATURE')
    const stranger = { ...good, service: serviceIdOf(certifiedName('acme/web', publicKeyOf(otherKey))) }
    expect(certificateFault(stranger, certificate, NOW)).toBe('CERTIFICATE_KEY')
    expect(certificateFault({ ...good, service: serviceIdOf('acme/web') }, certificate, NOW)).toBe(
      'CERTIFICATE_KEY',
    )
  })

  test('by another key is rejected, whatever key it names', () => {
    expect(certificateFault(good, certify(good, otherKey), NOW)).toBe('CERTIFICATE_KEY')
    const mixed = Buffer.from(certify(good, otherKey), 'base64url')
    mixed.set(publicKeyOf(key))
    expect(certificateFault(good, mixed.toString('base64url'), NOW)).toBe('CERTIFICATE_SIGNATURE')
  })

  test('changed in any place is rejected', () => {
    fc.assert(
      fc.property(fc.nat(95), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(certificate, 'base64url')
        bytes[at] = must(bytes[at]) ^ flip
        expect(certificateFault(good, bytes.toString('base64url'), NOW)).toBe(
          at < 32 ? 'CERTIFICATE_KEY' : 'CERTIFICATE_SIGNATURE',
        )
      }),
    )
  })

  test('with a key that is not a point of the curve is rejected', () => {
    const keys = [0x02, 0xed, 0xff].map(last => new Uint8Array(32).fill(0xff).with(0, last))
    for (const publicKey of [new Uint8Array(32), ...keys]) {
      const statement = { ...good, service: serviceIdOf(certifiedName('acme', publicKey)) }
      const text = Buffer.concat([publicKey, Buffer.alloc(64, 1)]).toString('base64url')
      expect(certificateFault(statement, text, NOW)).toBe('CERTIFICATE_SIGNATURE')
    }
  })

  test('is exactly 128 letters of base64url', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.string({ minLength: 128, maxLength: 128 })),
        text => {
          const isForm = /^[\w-]{128}$/.test(text)
          expect(certificateFault(good, text, NOW)).toBe(isForm ? 'CERTIFICATE_KEY' : 'CERTIFICATE_FORM')
        },
      ),
    )
    expect(certificateFault(good, `${certificate}=`, NOW)).toBe('CERTIFICATE_FORM')
  })
})

test.for([
  ['service', { service: new Uint8Array(31) }],
  ['instance that is too long', { instance: 'x'.repeat(INSTANCE_BYTES_LIMIT + 1) }],
  ['instance that is no text', { instance: '\ud800' }],
  ['address', { address: 0 }],
  ['forgotten address', { address: 2 ** 49 + 65_536 * 12_345 }],
  ['version below 0', { version: -1 }],
  ['version that is no number', { version: Number.NaN }],
  ['version that is not exact', { version: 2 ** 53 }],
  ['time that is not whole', { expiresMs: 0.5 }],
] as const)('rejects a statement with %s', ([, change]) => {
  const statement = { ...good, ...change }
  expect(() => certify(statement, key)).toThrow(RangeError)
  expect(certificateFault(statement, certify(good, key), NOW)).toBe('CERTIFICATE_FORM')
})
