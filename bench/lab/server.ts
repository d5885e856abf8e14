/**
 * A program of the lab: offers downloads of pseudo-random bytes at a steady rate, each followed by its SHA-256.
 *
 * Usage: server.ts [CONTROLLER]
 */
import { createCipheriv, createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent } from '../../impl/controller/index.ts'
import { createServer, type Socket, Stack } from '../../impl/sockets/index.ts'
import { SERVER, SERVICE } from './places.ts'

const PIECE_BYTES = 16_384
/** The same after a restart, as a server that wants its clients to notice keeps it. */
const SECRET = new Uint8Array(32).fill(7)

/** Sends `count` bytes at `rate` bytes per second. */
async function send(socket: Socket, count: number, rate: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', new Uint8Array(16), new Uint8Array(16))
  const hash = createHash('sha256')
  const startMs = performance.now()
  for (let sent = 0; sent < count && !socket.destroyed; ) {
    const piece = cipher.update(new Uint8Array(Math.min(PIECE_BYTES, count - sent)))
    hash.update(piece)
    sent += piece.length
    const hasRoom = socket.write(piece)
    await wait(Math.max(0, startMs + (sent / rate) * 1000 - performance.now()))
    while (!hasRoom && socket.writableNeedDrain && !socket.destroyed) await wait(5)
  }
  socket.end(hash.digest())
}

const [controller] = process.argv.slice(2)
const stack = new Stack(controller === undefined ? { addresses: [SERVER], secret: SECRET } : {})
const server = createServer({ stack, allowHalfOpen: true }, socket => {
  socket.on('error', () => {})
  socket.once('data', order => {
    const [count = 0, rate = 0] = `${order}`.split(' ').map(Number)
    void send(socket, count, rate)
  })
})
server.listen(SERVICE, async () => {
  if (controller !== undefined) await new Agent({ stack, controllers: [controller] }).registered(SERVICE)
  console.log('listening')
})
