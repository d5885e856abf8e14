/** The other process of the socket benchmarks: every kind of server, until its parent stops it. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer } from '../../impl/sockets/index.ts'
import type { Description } from './channel.ts'
import { cpuUs, openStack } from './common.ts'

/** The endpoints that the second process reports to the first. */
export interface Endpoints {
  /** The address of the stack of `bench/sink` and `bench/echo`. */
  readonly via: string
  readonly netSink: number
  readonly netEcho: number
  readonly blast: number
}

/** What the first process may ask afterwards: its processor time in microseconds, or the answer to a call of WebRTC. */
export type Question = 'cpu' | Description

/** Datagrams of the blast that one acknowledgment is for. */
const BLAST_ACK_EVERY = 16

const sink = (socket: Duplex): void => {
  socket.resume()
  socket.on('end', () => socket.end())
  socket.on('error', () => {})
}

const echo = (socket: net.Socket | import('../../impl/sockets/index.ts').Socket): void => {
  socket.setNoDelay()
  socket.on('data', (bytes: Uint8Array) => socket.write(bytes))
  socket.on('error', () => {})
}

const portOf = async (server: net.Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as net.AddressInfo).port
}

/** Counts the bytes that arrive, and reports the count again and again: the least that a receiver must do. */
async function blast(): Promise<number> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
  const ack = Buffer.alloc(8)
  let count = 0
  socket.on('message', (bytes, { port, address }) => {
    if (bytes.length === 1) count = 0
    else if (++count % BLAST_ACK_EVERY !== 0) return
    ack.writeDoubleBE(count)
    socket.send(ack, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket.address().port
}

const stack = await openStack()
createServer({ stack, allowHalfOpen: true }, sink).listen('bench/sink')
createServer({ stack }, echo).listen('bench/echo')
const endpoints: Endpoints = {
  via: stack.addresses[0] as string,
  netSink: await portOf(net.createServer({ allowHalfOpen: true }, sink)),
  netEcho: await portOf(net.createServer(echo)),
  blast: await blast(),
}
process.send?.(endpoints)
process.on('message', async (question: Question) =>
  process.send?.(question === 'cpu' ? cpuUs() : await (await import('./channel.ts')).answer(question)),
)
process.on('disconnect', () => process.exit())
