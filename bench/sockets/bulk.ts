/** Many bytes in one direction. Each returns MiB/s. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { PACKET_BYTES } from './common.ts'

export const BULK_BYTES = 64 * 2 ** 20
const CHUNK = Buffer.alloc(65_536, 'serval')

const BLAST_PACKET = Buffer.alloc(PACKET_BYTES)
/** On the way at once: fits into the receiver's buffer. */
const BLAST_WINDOW = 512
/** After this time a datagram without acknowledgment counts as lost. */
const BLAST_STALL_MS = 50

export const rate = (bytes: number, sinceMs: number): number =>
  bytes / 2 ** 20 / ((performance.now() - sinceMs) / 1000)

/** Writes all, ends, and waits for the peer's end: then it has read all. */
export async function stream(socket: Duplex, bytes = BULK_BYTES): Promise<number> {
  await once(socket, 'connect')
  const since = performance.now()
  const ended = once(socket.resume(), 'end')
  for (let left = bytes; left > 0; left -= CHUNK.length) if (!socket.write(CHUNK)) await once(socket, 'drain')
  socket.end()
  await ended
  return rate(bytes, since)
}

/** Datagrams without any stack: as many on the way as fit, counted by the receiver, repeated if lost. */
export async function blast(port: number, bytes = BULK_BYTES): Promise<number> {
  const socket = createSocket('udp4')
  const wanted = Math.ceil(bytes / BLAST_PACKET.length)
  let sent = 0
  let acknowledged = 0
  const done = Promise.withResolvers<void>()
  const more = (): void => {
    while (sent - acknowledged < BLAST_WINDOW && acknowledged < wanted) {
      sent++
      socket.send(BLAST_PACKET, port, '127.0.0.1')
    }
  }
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.send(Buffer.alloc(1), port, '127.0.0.1')
  await once(socket, 'message')
  let lost = 0
  const stalled = setTimeout(() => {
    lost = sent - (acknowledged - lost)
    acknowledged = sent
    more()
  }, BLAST_STALL_MS)
  socket.on('message', bytes => {
    const count = bytes.readDoubleBE()
    acknowledged = count + lost
    stalled.refresh()
    if (count >= wanted - BLAST_WINDOW) done.resolve()
    else more()
  })
  const since = performance.now()
  more()
  await done.promise
  clearTimeout(stalled)
  const result = rate(bytes, since)
  socket.close()
  return result
}
