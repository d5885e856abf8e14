import { once } from 'node:events'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { parseAddress } from '../link/address.ts'
import { connect, createServer, Stack } from './index.ts'
import { secretOf } from './secret.ts'

const SHARED = new Uint8Array(32).fill(5)
const at = (...texts: string[]): number[] => texts.map(text => parseAddress(text))
const hex = (...given: Parameters<typeof secretOf>) => Buffer.from(must(secretOf(...given))).toString('hex')

test('stacks at different addresses have different secrets, in whatever order they list them', () => {
  const secrets = [
    hex(SHARED, at('127.0.0.1:9'), 0),
    hex(SHARED, at('127.0.0.2:9'), 0),
    hex(SHARED, at('127.0.0.1:8'), 0),
    hex(SHARED, at('127.0.0.1:9', '127.0.0.2:9'), 0),
    hex(SHARED, [], 9),
    hex(new Uint8Array(32).fill(6), at('127.0.0.1:9'), 0),
  ]
  expect(new Set(secrets).size).toBe(secrets.length)
  expect(hex(SHARED, at('127.0.0.2:9', '127.0.0.1:9'), 0)).toBe(secrets[3])
  expect(hex(SHARED, at('127.0.0.1:9', '127.0.0.7:0'), 0)).toBe(secrets[0])
})

test('a stack without a port of its own has none, and a short one is rejected', () => {
  expect(secretOf(SHARED, [], 0)).toBeUndefined()
  expect(secretOf(SHARED, at('127.0.0.1:0'), 0)).toBeUndefined()
  expect(secretOf(undefined, at('127.0.0.1:9'), 0)).toBeUndefined()
  expect(() => new Stack({ secret: new Uint8Array(15) })).toThrow(
    expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining('15 bytes') }),
  )
})

/** A server, its accepted sockets destroyed with it, and a way to kill it without a word. */
async function serve(address: string, secret: Uint8Array | undefined) {
  const stack = await new Stack({ addresses: [address], secret }).opened()
  createServer({ stack }, socket => socket.on('error', () => {}).resume()).listen('acme/restart')
  return stack
}

/** Closes its link first, so that its flows end without a packet, as in a crash. */
async function crash(stack: Stack): Promise<void> {
  await (stack as unknown as { driver: { link: { close(): Promise<void> } } }).driver.link.close()
  await stack.close()
}

test.each([
  ['a given', SHARED],
  ["the user's", undefined],
] as const)('a server with %s secret crashes and restarts: its client gets ECONNRESET by the next write', async (_, secret) => {
  const first = await serve('127.0.5.91:0', secret)
  const [address] = first.addresses
  await first.close()
  const server = await serve(must(address), secret)
  await using stack = await new Stack({ addresses: ['127.0.5.92:0'] }).opened()
  const socket = connect({ service: 'acme/restart', via: must(address), stack })
  await once(socket, 'connect')
  await crash(server)
  await using again = await serve(must(address), secret)
  socket.write('what does the server remember?')
  const [error] = await once(socket, 'error')
  expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'read' })
  expect(again.counters.strangers).toBeGreaterThan(0)
})
