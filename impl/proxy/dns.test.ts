/** Answers of the DNS server, as Node's own resolver reads them, and to hostile queries. */
import { Resolver } from 'node:dns/promises'
import { fc, test } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { answerQuery } from './dns.ts'
import { DnsServer } from './dnsServer.ts'

const zone = {
  addressOf: (host: string) => {
    if (host.startsWith('full.')) throw new Error('no address left')
    return host.startsWith('none.') ? undefined : '198.18.0.7'
  },
}

const server = new DnsServer(zone)
const resolver = new Resolver({ tries: 1 })
beforeAll(async () => {
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
  resolver.setServers([`127.0.0.1:${port}`])
})
afterAll(() => server.close())

describe('a resolver learns', () => {
  test('the address of a name under the suffix, in any case, and how long it holds', async () => {
    expect(await resolver.resolve4('Web.acme.SERVAL', { ttl: true })).toEqual([
      { address: '198.18.0.7', ttl: 60 },
    ])
  })

  test.each([
    ['that there is no IPv6 address', () => resolver.resolve6('web.acme.serval'), 'ENODATA'],
    ['that a name is no service', () => resolver.resolve4('none.acme.serval'), 'ENOTFOUND'],
    ['that no address is left', () => resolver.resolve4('full.acme.serval'), 'ESERVFAIL'],
    ['to ask another server for other names', () => resolver.resolve4('example.com'), 'EREFUSED'],
  ])('%s', async (_, ask, code) => {
    await expect(ask()).rejects.toMatchObject({ code })
  })
})

/** A query for a name, with its header. */
function query(name: string, flags = 0x0100): Buffer {
  const labels = name.split('.').map(label => Buffer.from(`${String.fromCharCode(label.length)}${label}`))
  const header = Buffer.from([1, 2, flags >> 8, flags & 255, 0, 1, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, 1, 0, 1])])
}
const rcodeOf = (answer: Buffer | undefined): number | undefined => answer && (answer[3] as number) & 15

test('a response gets no response, so two servers cannot keep each other busy', () => {
  expect(answerQuery(query('web.acme.serval', 0x8000), zone)).toBeUndefined()
  expect(answerQuery(query('web.acme.serval').subarray(0, 11), zone)).toBeUndefined()
})

test('a dot inside a label does not separate labels', () => {
  const names: string[] = []
  const inner = Buffer.from(query('aaa.serval'))
  inner.write('a.b', 13)
  answerQuery(inner, { addressOf: host => void names.push(host) })
  expect(names).toEqual(['a\\.b.serval'])
})

test('compression, labels without end, two questions and other operations', () => {
  const whole = query('web.acme.serval')
  const pointer = Buffer.concat([whole, Buffer.alloc(300)])
  pointer[12] = 0xc0
  const two = Buffer.from(whole)
  two[5] = 2
  expect(
    [pointer, two, whole.subarray(0, 20), query(`${'a.'.repeat(200)}serval`)].map(q =>
      rcodeOf(answerQuery(q, zone)),
    ),
  ).toEqual([1, 1, 1, 1])
  expect(rcodeOf(answerQuery(query('web.acme.serval', 0x2800), zone))).toBe(4)
})

test.prop([fc.uint8Array({ maxLength: 600 }), fc.nat(40), fc.nat(255)])(
  'any bytes get at most one answer with their number, which is little longer',
  (bytes, at, value) => {
    const changed = query('web.acme.serval')
    changed[at % changed.length] = value
    for (const hostile of [Buffer.from(bytes), changed, Buffer.concat([changed, bytes])]) {
      const answer = answerQuery(hostile, zone)
      if (answer === undefined) continue
      expect(answer.subarray(0, 2)).toEqual(hostile.subarray(0, 2))
      expect(answer.length).toBeLessThanOrEqual(hostile.length + 16)
    }
  },
)
