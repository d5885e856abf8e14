import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { RULES_AHEAD } from '../packets/demultiplexer.ts'
import { encodeUnconnected } from '../paths/unconnected.ts'
import { Hosts } from '../testing/hosts.ts'
import { SERVICE_BYTES, serviceIdOf, servicePrefixOf } from './serviceId.ts'
import { EXPECTED_LIMIT } from './table/lookahead.ts'
import { PrefixIndex } from './table/prefixIndex.ts'
import { RuleRows } from './table/ruleRows.ts'

const ROWS = 4096

/** Keys that share some words, and then differ. */
const keys = fc.uniqueArray(
  fc.tuple(fc.array(fc.nat(2), { minLength: 7, maxLength: 7 }), fc.nat(0xffff_ffff)).map(([words, last]) => {
    const id = new DataView(new ArrayBuffer(SERVICE_BYTES))
    for (const [i, word] of [...words, last].entries()) id.setUint32(4 * i, word)
    return new Uint8Array(id.buffer)
  }),
  { minLength: 1, maxLength: EXPECTED_LIMIT, selector: key => Buffer.from(key).toString('hex') },
)

test('prefetches the rows at which lookups end, however deep they are', () => {
  fc.assert(
    fc.property(keys, fc.nat(), (keys, secret) => {
      const rules = new RuleRows(ROWS)
      const index = new PrefixIndex(rules, secret)
      for (const key of keys) {
        const row = rules.add(key, 8 * SERVICE_BYTES, 1, 0)
        rules.rank(row, 1, 1, false)
        index.add(row)
      }
      const seen = vi.spyOn(rules, 'glance')
      for (const key of keys) index.ahead.expect(key, 0)
      index.ahead.fetch()
      const rows = new Set(seen.mock.calls.map(([row]) => row))
      // Marks of eight bits exclude most other keys, but not all.
      const found = keys.filter(key => rows.has(index.longest(key, 0))).length
      expect(found).toBeGreaterThanOrEqual(0.8 * keys.length - 2)
    }),
  )
})

/** A router with a table larger than a cache. */
function router() {
  const { host } = new Hosts().addRouter(['10.0.1.1'])
  for (let i = 0; i < RULES_AHEAD; i++) {
    const address = parseAddress(`10.0.2.${i % 200}`)
    host.services.add(servicePrefixOf(`acme/s${i}`), { kind: 'forward', address }, 1, 1)
  }
  return { host, fetch: vi.spyOn(host.services.ahead, 'fetch') }
}

test('a router with many rules treats a batch like its packets one by one', () => {
  const [from, to] = [parseAddress('10.0.0.1:40000'), parseAddress('10.0.1.1')]
  const source = serviceIdOf('client')
  const batch = Array.from({ length: 2 * EXPECTED_LIMIT }, (_, i): Datagram => {
    const service = serviceIdOf(i % 5 === 0 ? 'other/name' : `acme/s${97 * i}`)
    return {
      from,
      to,
      bytes: encodeUnconnected({ from, to, service, source, message: Uint8Array.of(i) }).bytes,
    }
  })
  batch.push({ from, to, bytes: new Uint8Array(3) })
  const [whole, single] = [router(), router()]
  whole.host.receive(batch, 0)
  for (const one of batch) single.host.receive([one], 0)
  const sent = whole.host.flush(0).map(({ to, bytes }) => [to, Buffer.from(bytes)])
  expect(sent).toEqual(single.host.flush(0).map(({ to, bytes }) => [to, Buffer.from(bytes)]))
  expect(whole.host.counters).toEqual(single.host.counters)
  expect([sent.length, whole.fetch.mock.calls.length, single.fetch.mock.calls.length]).toEqual([102, 1, 0])
})
