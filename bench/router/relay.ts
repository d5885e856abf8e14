/** A process that forwards packets: by name, as a router does, or to a fixed address with bare `dgram`. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Stack } from '../../impl/sockets/index.ts'

/** The role of the relay, and the destination of its packets. */
export interface Order {
  readonly as: 'bare' | 'router'
  readonly host: string
  /** Of those who wait there for what is sent on. */
  readonly sink: { readonly host: string; readonly port: number }
}

/** Rules of the router, of which one counts. */
const RULES = 1000

async function bare({ host, sink }: Order): Promise<number> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 2 ** 20, sendBufferSize: 4 * 2 ** 20 })
  socket.on('message', bytes => socket.send(bytes, sink.port, sink.host))
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket.address().port
}

async function router({ host, sink }: Order): Promise<number> {
  const stack = await new Stack({ addresses: [`${host}:0`], forwards: true }).opened()
  stack.driver.hold()
  for (let i = 1; i < RULES; i++) stack.addService(`acme/other${i}`, { via: '192.0.2.1:54325' })
  stack.addService('acme/echo', { via: `${sink.host}:${sink.port}` })
  return Number((stack.addresses[0] as string).split(':')[1])
}

process.on('message', async (order: Order | 'cpu') => {
  if (order === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  } else process.send?.(order.as === 'bare' ? await bare(order) : await router(order))
})
process.on('disconnect', () => process.exit())
