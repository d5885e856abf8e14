/** A client and a server with two addresses each, on UDP sockets of the system, and paths that can be cut. */
import { once } from 'node:events'
import { at } from '../../../checker/text/at.ts'
import type { Mobility } from '../../host/paths/mobility.ts'
import { parseAddress } from '../../link/address.ts'
import { type FaultyLink, faults } from '../../link/faults.ts'
import { realClock } from '../../link/realClock.ts'
import { openUdp, type UdpLink } from '../../link/udp.ts'
import { connect, createServer, type Socket, Stack, type StackOptions } from '../index.ts'

const PIECE = Buffer.alloc(20_000, 'x')

/** An end that can be cut off from addresses. */
async function open(
  mobility: Mobility,
  options: StackOptions,
  ...hosts: readonly string[]
): Promise<{ stack: Stack; link: FaultyLink; udp: UdpLink }> {
  const udp = await openUdp({ addresses: hosts.map(host => parseAddress(host, 0)) })
  const link = faults(udp, {}, Math.random, realClock())
  const stack = new Stack({ ...options, link, mobility, limits: { moveTries: 1, ...options.limits } })
  await stack.opened()
  return { stack, link, udp }
}

/** A client and a server with a connection, over which the server returns what it gets. */
export async function connected(
  mobility: Mobility = 'stay',
  client: StackOptions = {},
  server: StackOptions = {},
  hosts: readonly string[] = ['127.0.0.1', '127.0.0.3'],
) {
  const [one, other] = [
    await open(mobility, client, ...hosts),
    await open('stay', server, '127.0.0.2', '127.0.0.4'),
  ]
  const service = createServer({ stack: other.stack }).listen('test/service')
  await once(service, 'listening')
  const socket = connect({ service: 'test/service', via: at(other.stack.addresses, 0), stack: one.stack })
  const [accepted] = (await once(service, 'connection')) as [Socket]
  accepted.pipe(accepted)
  return {
    ...{ socket, accepted, clientStack: one.stack, serverStack: other.stack },
    /** Nothing passes between the client's address `i` and the server. */
    cut: (i: number) => {
      for (const address of other.link.addresses()) one.link.cut(at(one.link.addresses(), i), address)
    },
    heal: (i: number) => {
      for (const address of other.link.addresses()) one.link.heal(at(one.link.addresses(), i), address)
    },
    /** The client's address `i` disappears. */
    remove: (i: number) => one.udp.remove(at(one.link.addresses(), i)),
    /** Sends so many pieces, and resolves when they have come back. */
    exchange: async (pieces = 1) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      let left = pieces * PIECE.length
      const take = (bytes: Buffer): void => {
        left -= bytes.length
        if (left === 0) resolve()
      }
      // Several pieces may arrive in one turn.
      socket.on('data', take)
      for (let i = 0; i < pieces; i++) socket.write(PIECE)
      await promise
      socket.off('data', take)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([one.stack.close({ limitMs: 0 }), other.stack.close({ limitMs: 0 })])
    },
  }
}
