/**
 * Two streams back to back, without a link and without checksums: what the transport alone costs of a thread's time, at
 * both ends together, for each segment with its share of the acknowledgments.
 */

import { Stream } from '../impl/transport/stream/stream.ts'
import { ACK, SYN, SYNACK } from '../spec/machines/flow/packets.ts'
import { median, table } from './table.ts'

const ROUNDS = 5
const MEBIBYTES = 256
const CHUNK = 64 * 1024
/** Segments that arrive together, as a link brings them. */
const BATCH = 32
const MSS = 1412
const PACKET = MSS + 60

/** Packets on their way from one stream to another: their places in one buffer. */
class Wire {
  readonly bytes = new Uint8Array(BATCH * PACKET)
  readonly ends = new Int32Array(BATCH)
  count = 0

  /** Takes what `from` has to send, up to a batch, and gives it to `to`. Returns how many packets that were. */
  carry(from: Stream, to: Stream, nowMs: number): number {
    this.count = 0
    while (this.count < BATCH) {
      const at = this.count * PACKET
      const end = from.send(this.bytes, at, nowMs)
      if (end === at) break
      this.ends[this.count++] = end
    }
    for (let i = 0; i < this.count; i++) to.receive(this.bytes, i * PACKET, this.ends[i] as number, nowMs)
    return this.count
  }
}

function connected(): [Stream, Stream] {
  const client = new Stream({ initialSequence: 1, mss: MSS })
  const server = new Stream({ initialSequence: 2, mss: MSS })
  const packet = new Uint8Array(PACKET)
  const shake = (from: Stream, kind: number, to: Stream) =>
    to.readHandshake(kind, packet, 0, from.writeHandshake(kind, packet, 0, 0), 0)
  if (!shake(client, SYN, server) || !shake(server, SYNACK, client) || !shake(client, ACK, server))
    throw new Error('the handshake failed')
  return [client, server]
}

interface Result {
  readonly nsPerSegment: number
  readonly gbPerS: number
}

/** `isCopied`: the reader has a buffer of its own; else it takes what it is given. */
function transfer(isCopied: boolean): Result {
  const [client, server] = connected()
  const [there, back] = [new Wire(), new Wire()]
  const chunk = new Uint8Array(CHUNK)
  const target = new Uint8Array(CHUNK)
  const total = MEBIBYTES * 1024 * 1024
  let read = 0
  server.user = { onReadable: () => {} }
  const drain = () => {
    if (isCopied) for (let n = server.readInto(target); n > 0; n = server.readInto(target)) read += n
    else for (let bytes = server.read(); bytes !== undefined; bytes = server.read()) read += bytes.length
  }
  const startMs = performance.now()
  const before = process.threadCpuUsage()
  let segments = 0
  for (let written = 0; read < total; ) {
    const nowMs = performance.now() - startMs
    for (let hasRoom = true; hasRoom && written < total; written += CHUNK) hasRoom = client.write(chunk)
    segments += there.carry(client, server, nowMs)
    drain()
    back.carry(server, client, nowMs)
  }
  const { user, system } = process.threadCpuUsage(before)
  const elapsedMs = (user + system) / 1000
  return { nsPerSegment: (elapsedMs * 1e6) / segments, gbPerS: (read * 8) / elapsedMs / 1e6 }
}

export async function measureStream(): Promise<string> {
  const rows = [['stream, 1 thread', 'ns/segment', 'Gb/s']]
  for (const [name, isCopied] of [
    ['read', false],
    ['readInto', true],
  ] as const) {
    const results = Array.from({ length: ROUNDS }, () => transfer(isCopied))
    rows.push([
      name,
      median(results.map(({ nsPerSegment }) => nsPerSegment)).toFixed(0),
      median(results.map(({ gbPerS }) => gbPerS)).toFixed(1),
    ])
  }
  return table(rows)
}
