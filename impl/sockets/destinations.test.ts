import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { hostOf, portOf, printAddress } from '../link/address.ts'
import { addressesIn, addressesOf, checkDestination, type Lookup } from './destinations.ts'
import { connect, createServer, Stack } from './index.ts'

/** A DNS with these names. */
const dns =
  (names: Readonly<Record<string, readonly string[]>>): Lookup =>
  async host => {
    const found = names[host]
    if (found === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    return found.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
  }

describe('a destination', () => {
  test.each([
    '192.0.2.1',
    '192.0.2.1:7',
    '[2001:db8::1]:7',
    '::1',
    'router',
    'router.example',
    'r-1.example.:7',
    '_x.a1',
  ])('%s is right', text => expect(() => checkDestination(text)).not.toThrow())

  test.each([
    '',
    '1.2.3',
    '300.1.1.1',
    '192.0.2.1:0',
    'router:0',
    'router:65536',
    'a..b',
    '-a.example',
    'a b',
    'a.123',
    'http://router',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
  ])('%j is refused', text => expect(() => checkDestination(text)).toThrow(/^LINK_ADDRESS: /))

  test('that is an address needs no DNS', () => {
    expect(addressesIn(['192.0.2.1', '[::1]:7'])?.map(printAddress)).toEqual(['192.0.2.1:54325', '[::1]:7'])
    expect(addressesIn(['192.0.2.1', 'router'])).toBeUndefined()
    expect(() => addressesIn(['router', '1.2.3'])).toThrow(/^LINK_ADDRESS/)
  })
})

describe('names', () => {
  test('stand for their addresses, in the order of the list and of DNS', async () => {
    const ask = dns({ one: ['192.0.2.1', '2001:db8::1'], two: ['192.0.2.2'] })
    const found = await addressesOf(['two:7', '192.0.2.9', 'one'], 'connect', ask)
    expect(found.map(printAddress)).toEqual([
      '192.0.2.2:7',
      '192.0.2.9:54325',
      '192.0.2.1:54325',
      '[2001:db8::1]:54325',
    ])
  })

  test('that DNS does not know are passed over while another is known', async () => {
    const ask = dns({ known: ['192.0.2.1'] })
    expect((await addressesOf(['unknown', 'known'], 'connect', ask)).map(hostOf)).toEqual(['192.0.2.1'])
    await expect(addressesOf(['unknown'], 'connect', ask)).rejects.toMatchObject({
      code: 'ENOTFOUND',
      message: expect.stringContaining('DNS knows no address of unknown'),
      cause: { code: 'ENOTFOUND' },
    })
  })

  test('with hundreds of addresses, or with none that is one, are limited', async () => {
    const many = Array.from({ length: 300 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
    expect(await addressesOf(['many'], 'connect', dns({ many }))).toHaveLength(16)
    await expect(addressesOf(['odd'], 'connect', dns({ odd: ['nonsense'] }))).rejects.toMatchObject({
      code: 'ENOTFOUND',
    })
  })
})

describe('a socket', () => {
  test('connects to the name of its machine, from an address of the right family', async () => {
    await using server = new Stack({ addresses: ['127.0.0.1:0'] })
    await using client = new Stack({ addresses: ['[::1]:0', '127.0.0.1:0'] })
    await Promise.all([server.opened(), client.opened()])
    createServer({ stack: server }, socket => socket.end('here')).listen('acme/named')
    const port = portOf(addressesIn(server.addresses)?.[0] ?? 0)
    const socket = connect({ service: 'acme/named', via: `localhost:${port}`, stack: client })
    const [bytes] = await once(socket, 'data')
    expect(`${bytes}`).toBe('here')
  })

  test('fails with ENOTFOUND for a name that nobody has, and can be destroyed before that', async () => {
    await using client = new Stack({ addresses: ['127.0.0.1:0'] })
    await client.opened()
    const failed = connect({ service: 'acme/named', via: 'nobody.invalid', stack: client })
    const given = connect({ service: 'acme/named', via: 'nobody.invalid', stack: client }).destroy()
    const [error] = await once(failed, 'error')
    expect([error.code, given.errored]).toEqual(['ENOTFOUND', null])
  })
})
