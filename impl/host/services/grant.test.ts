import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { newServiceKey, publicKeyOf, readServiceKey } from './certificate.ts'
import { GRANT_LINKS_LIMIT, grantOf, printPublicKey, readGrant, readPublicKey, verifyGrant } from './grant.ts'
import { listenedPrefixOf, servicePrefixOf } from './serviceId.ts'

const NOW = 1_700_000_000_000
const HOUR = 3_600_000

function actor() {
  const key = readServiceKey(newServiceKey())
  return { key, id: publicKeyOf(key) }
}
const [owner, team, host, stranger] = [actor(), actor(), actor(), actor()]

/** `from` lets `to` register what `prefix` covers. */
const lets = (from: typeof owner, prefix: string, to: typeof owner, own?: string, expiresMs = NOW + HOUR) =>
  grantOf(from.key, { prefix: servicePrefixOf(prefix), expiresMs, to: to.id }, own)

/** What the owner of acme/* proves by this grant for a name that `signer` registers. */
function proves(grant: string | undefined, name: string, signer = host, now = NOW): string | number {
  const found = verifyGrant(
    grant,
    { name: listenedPrefixOf(name), owners: [owner.id], signer: signer.id },
    now,
  )
  return typeof found === 'string' ? found : found.expiresMs
}

const direct = lets(owner, 'acme/web', host)
const shorter = NOW + HOUR / 2
const chain = lets(team, 'acme/web/eu', host, lets(owner, 'acme/web', team), shorter)

describe('a grant of the owner of a prefix', () => {
  test.for([
    ['lets a key register the name', direct, 'acme/web', host, NOW + HOUR],
    ['lets a key register a name below', direct, 'acme/web/eu', host, NOW + HOUR],
    ['lets a key register a prefix below', direct, 'acme/web/*', host, NOW + HOUR],
    ['lets a key register a keyed service below', direct, `acme/web#${'ab'.repeat(16)}`, host, NOW + HOUR],
    ['is not for a name above', direct, 'acme/*', host, 'GRANT_NAME'],
    ['is not for a name beside', direct, 'acme/db', host, 'GRANT_NAME'],
    ['is not for another key', direct, 'acme/web', stranger, 'GRANT_KEY'],
    ['is unnecessary for the owner', undefined, 'acme/web', owner, Infinity],
    ['is necessary for others', undefined, 'acme/web', host, 'GRANT_KEY'],
    ['can be passed on, and expires with its first link', chain, 'acme/web/eu', host, shorter],
    ['is passed on only for a part', chain, 'acme/web/us', host, 'GRANT_NAME'],
    ['is useless without its first link', chain.split('.')[1], 'acme/web/eu', host, 'GRANT_KEY'],
    ['counts only with all links', chain.split('.')[0], 'acme/web/eu', host, 'GRANT_KEY'],
    [
      'cannot be widened by who got it',
      lets(team, 'acme', host, lets(owner, 'acme/web', team)),
      'acme/db',
      host,
      'GRANT_NAME',
    ],
    ['of another key is worth nothing', lets(stranger, 'acme/web', host), 'acme/web', host, 'GRANT_KEY'],
    [
      'is worth nothing as the link of a stranger',
      lets(stranger, 'acme/web', host, lets(owner, 'acme/web', team)),
      'acme/web',
      host,
      'GRANT_KEY',
    ],
    ['expires', lets(owner, 'acme/web', host, undefined, NOW), 'acme/web', host, 'GRANT_EXPIRED'],
    ['is no other text', 'abc', 'acme/web', host, 'GRANT_FORM'],
  ] as const)('%s', ([, grant, name, signer, expected]) => {
    expect(proves(grant, name, signer)).toBe(expected)
  })

  test('has at most three links', () => {
    const longest = lets(host, 'acme/web/eu', stranger, chain)
    expect([readGrant(longest)?.length, proves(longest, 'acme/web/eu', stranger)]).toEqual([
      GRANT_LINKS_LIMIT,
      shorter,
    ])
    expect(() => lets(stranger, 'acme/web/eu', host, longest)).toThrow(RangeError)
    expect(readGrant(`${longest}.${direct}`)).toBeUndefined()
  })

  test('is verified once, and only valid signatures are remembered', () => {
    const verified = new Map<string, true>()
    const granted = { name: listenedPrefixOf('acme/web'), owners: [owner.id], signer: host.id }
    const forged = `${direct.slice(0, -4)}AAAA`
    expect(verifyGrant(forged, granted, NOW, verified)).toBe('GRANT_SIGNATURE')
    expect(verified.size).toBe(0)
    expect(verifyGrant(direct, granted, NOW, verified)).toMatchObject({ expiresMs: NOW + HOUR })
    expect([...verified.keys()]).toEqual([direct])
  })
})

test('a grant that was changed in any place is worth nothing', () => {
  const bytes = chain.split('.').map(link => Buffer.from(link, 'base64url'))
  fc.assert(
    fc.property(
      fc.nat(1),
      fc.nat(must(bytes[0]).length - 1),
      fc.integer({ min: 1, max: 255 }),
      (link, at, flip) => {
        const changed = bytes.map((one, i) => {
          const copy = Buffer.from(one)
          if (i === link) copy[at] = must(copy[at]) ^ flip
          return copy.toString('base64url')
        })
        expect(proves(changed.join('.'), 'acme/web/eu')).toMatch(/^GRANT_/)
      },
    ),
    { numRuns: 300 },
  )
})

test('any text is decoded or rejected, without an exception', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'AZaz09-_.'), maxLength: 1000 })
  const link = fc
    .uint8Array({ minLength: 171, maxLength: 171 })
    .map(bytes => Buffer.from(bytes).toString('base64url'))
  const links = fc.array(link, { maxLength: 5 }).map(all => all.join('.'))
  const versioned = links.map(text => text.replace(/(^|\.)../g, '$1AQ'))
  fc.assert(
    fc.property(fc.oneof(letters, links, versioned, fc.string()), text => {
      expect(readGrant(text)?.length ?? 1).toBeLessThanOrEqual(GRANT_LINKS_LIMIT)
      expect(proves(text, 'acme/web')).toMatch(/^GRANT_/)
      expect(readPublicKey(text) ?? new Uint8Array(32)).toHaveLength(32)
    }),
    { numRuns: 500 },
  )
})

test('public keys have one text', () => {
  const text = printPublicKey(owner.id)
  expect(text).toMatch(/^ed25519:[\w-]{43}$/)
  expect(readPublicKey(text)).toEqual(owner.id)
  for (const other of [text.slice(0, -1), `${text}A`, text.toUpperCase(), text.replace(':', ''), ''])
    expect(readPublicKey(other)).toBeUndefined()
})
