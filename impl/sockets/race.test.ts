/** Connects to a name with addresses of both families, of which one does not work. DNS is replaced; sockets and packets are real. */
import { createSocket } from 'node:dgram'
import dns from 'node:dns'
import { once } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, describe, expect, test } from 'vitest'
import { isIPv6, parseAddress } from '../link/address.ts'
import { connect, createServer, type Socket, Stack } from './index.ts'
import { ATTEMPT_DELAY_MS } from './race.ts'

const { lookup } = dns
const NAME = 'both.example'

/** From now on NAME has these addresses. */
function names(...addresses: readonly string[]): void {
  const all = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
  dns.lookup = ((host: string, _options: unknown, told: (error: Error | null, found?: unknown) => void) =>
    host === NAME ? told(null, all) : told(new Error(`unexpected ${host}`))) as unknown as typeof lookup
  syncBuiltinESMExports()
}

afterEach(() => {
  dns.lookup = lookup
  syncBuiltinESMExports()
})

/** A UDP socket that answers nothing, like an address whose packets get lost. */
async function deaf(
  address: string,
  port: number,
): Promise<AsyncDisposable & { readonly heard: () => number }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(port, address)
  let count = 0
  socket.on('message', () => {
    count++
  })
  await once(socket, 'listening')
  return { heard: () => count, [Symbol.asyncDispose]: async () => void socket.close() }
}

/** A server at `address`, a client with both families, and a connect to NAME at the server's port. */
async function scene(address: string, ...listed: readonly string[]) {
  const [server, client] = [
    new Stack({ addresses: [address] }),
    new Stack({ addresses: ['[::1]:0', '127.0.0.1:0'] }),
  ]
  await Promise.all([server.opened(), client.opened()])
  const accepted: Socket[] = []
  createServer({ stack: server }, socket => {
    accepted.push(socket)
    socket.end('welcome')
  }).listen('acme/both')
  const port = Number(/\d+$/.exec(server.addresses[0] ?? '')?.[0])
  names(...listed)
  return {
    ...{ server, client, accepted, port },
    dial: () => connect({ service: 'acme/both', via: `${NAME}:${port}`, stack: client }),
    [Symbol.asyncDispose]: async () => void (await Promise.all([server.close(), client.close()])),
  }
}

const familyOf = ({ remoteFamily }: Socket): unknown => remoteFamily

describe('a name with addresses of both families', () => {
  test.each([
    ['127.0.0.1:0', '::1', '127.0.0.1', 'IPv4'],
    ['[::1]:0', '127.0.0.1', '::1', 'IPv6'],
  ])('%s serves, and %s is silent: the other family connects', async (address, silent, right, family) => {
    await using net = await scene(address, silent, right)
    await using wall = await deaf(silent, net.port)
    const socket = net.dial()
    const [bytes] = await once(socket, 'data')
    expect([`${bytes}`, familyOf(socket), wall.heard() > 0]).toEqual(['welcome', family, true])
    await once(socket, 'close')
    // The attempt that lost has left nothing behind.
    expect(
      net.client.host.flows().filter(({ peer }) => isIPv6(peer) === isIPv6(parseAddress(silent))),
    ).toEqual([])
  })

  test('the first family wins if it works: the other one is not even asked', async () => {
    await using net = await scene('127.0.0.1:0', '127.0.0.1', '::1')
    await using wall = await deaf('::1', net.port)
    const socket = net.dial()
    await once(socket, 'connect')
    expect([familyOf(socket), wall.heard(), net.accepted.length <= 1]).toEqual(['IPv4', 0, true])
    socket.destroy()
  })

  test('a refusal of the first makes the second begin at once', async () => {
    await using net = await scene('127.0.0.1:0', '::1', '127.0.0.1')
    await using other = new Stack({ addresses: [`[::1]:${net.port}`] })
    await other.opened()
    createServer({ stack: other }, () => {}).listen('acme/another')
    const socket = net.dial()
    await once(socket, 'connect')
    expect([familyOf(socket), other.counters.received > 0]).toEqual(['IPv4', true])
    socket.destroy()
  })

  test.each([
    ['refuses', 'ECONNREFUSED'],
    ['is silent', 'ETIMEDOUT'],
  ])('when each %s, the connect fails with %s, and leaves nothing behind', async (what, code) => {
    await using net = await scene('127.0.0.1:0', '::1', '127.0.0.1')
    await using other = new Stack({ addresses: [`[::1]:${net.port}`] })
    await other.opened()
    const route = { service: 'acme/none', via: `${NAME}:${net.port}`, stack: net.client, deadAfterMs: 1000 }
    if (what === 'is silent') for (const stack of [other, net.server]) stack.rules.add('*', 'drop')
    else createServer({ stack: other }, () => {}).listen('acme/another')
    const [error] = await once(connect(route), 'error')
    expect([error.code, net.client.host.flows()]).toEqual([code, []])
  })

  test('a socket that is destroyed meanwhile asks no more', async () => {
    await using net = await scene('127.0.0.1:0', '::1', '127.0.0.1')
    await using wall = await deaf('::1', net.port)
    const socket = net.dial()
    while (wall.heard() === 0) await new Promise(setImmediate)
    socket.destroy()
    await new Promise(resolve => setTimeout(resolve, 2 * ATTEMPT_DELAY_MS))
    expect([net.accepted, net.client.host.flows()]).toEqual([[], []])
  })
})
