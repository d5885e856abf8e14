/** The tour's server, in a process of its own. It offers the content by name, and moves once on request. */

import { createHash } from 'node:crypto'
import { at } from '../../checker/text/at.ts'
import { createServer, type Socket, Stack } from '../../impl/sockets/index.ts'
import type { Order, Report } from './messages.ts'

const report = (what: Report): void => {
  process.send?.(what)
}
const fail = (error: Error): void => report({ says: 'failed', message: error.message })

/** Two addresses of the loopback network that no other program uses. */
const stack = new Stack({ addresses: ['127.0.0.4:0', '127.0.0.5:0'] })
let served: Socket | undefined

function provide(socket: Socket, bytes: number): void {
  served = socket
  const hash = createHash('sha256')
  let offset = 0
  const go = (): void => {
    while (offset < bytes) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytes - offset))
      fillContent(chunk, offset)
      hash.update(chunk)
      offset += chunk.length
      if (!socket.write(chunk)) {
        socket.once('drain', go)
        return
      }
    }
    socket.end()
  }
  socket.on('error', fail)
  socket.on('close', () => {
    const { segmentsSent: sent = 0, segmentsRepeated: repeated = 0 } = socket.statistics ?? {}
    report({ says: 'provided', sha256: hash.digest('hex'), sent, repeated })
  })
  go()
}

async function move(): Promise<void> {
  const [from, to] = stack.addresses as [string, string]
  await served?.migrate(to)
  report({ says: 'moved', from, to })
}

process.on('message', async (order: Order) => {
  try {
    if (order.do === 'move') await move()
    else {
      await stack.opened()
      const server = createServer({ stack }, socket => provide(socket, order.bytes))
      server.on('error', fail)
      server.listen(order.service, () => report({ says: 'listening', address: at(stack.addresses, 0) }))
    }
  } catch (error) {
    fail(error as Error)
  }
})
process.on('disconnect', () => process.exit())

/** Bytes of content made at a time. Each byte follows from its position, so both ends can compute it. */
const CHUNK_BYTES = 2 ** 16

/** Fills a chunk that begins `offset` bytes into the content; both are multiples of 4. */
function fillContent(chunk: Uint8Array, offset: number): void {
  const words = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4)
  for (let i = 0; i < words.length; i++) words[i] = mixed(offset / 4 + i)
}

/** A number that looks nothing like its neighbours (the finish of MurmurHash3). */
function mixed(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return h ^ (h >>> 16)
}
