/** Applications at both ends of a pipe: each writes a known sequence of bytes and checks what it reads. */
import type { Stream } from '../stream.ts'
import type { Pipe } from './pipe.ts'

/** The byte at index `i` of the sequence. Nearby ranges all differ. */
export const byteAt = (i: number): number => (Math.imul(i, 0x9e3779b1) >>> 24) ^ (i & 0xff)

export function bytesAt(start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = byteAt(start + i)
  return bytes
}

/** Writes `total` bytes as fast as the stream takes them, then finishes. */
export class Writer {
  written = 0
  readonly #stream: Stream
  readonly #total: number
  readonly #chunk: number

  constructor(stream: Stream, total: number, chunk = 8192) {
    this.#stream = stream
    this.#total = total
    this.#chunk = chunk
    stream.user = { ...stream.user, onDrain: () => this.go() }
  }

  go(): void {
    while (this.written < this.#total) {
      const bytes = bytesAt(this.written, Math.min(this.#chunk, this.#total - this.written))
      this.written += bytes.length
      if (!this.#stream.write(bytes)) break
    }
    if (this.written === this.#total) this.#stream.finish(0)
  }
}

/** Reads everything, and counts the bytes that differ from those written. */
export class Reader {
  count = 0
  wrong = 0
  hasEnded = false
  /** Reads only when called. */
  isLazy = false
  readonly #stream: Stream

  constructor(stream: Stream) {
    this.#stream = stream
    stream.user = {
      ...stream.user,
      onReadable: () => {
        if (!this.isLazy) this.read()
      },
      onEnd: () => {
        this.hasEnded = true
      },
    }
  }

  read(most = Number.POSITIVE_INFINITY): void {
    for (let left = most; left > 0; ) {
      const bytes = this.#stream.read(left)
      if (bytes === undefined) return
      left -= bytes.length
      for (let i = 0; i < bytes.length; i++) if (bytes[i] !== byteAt(this.count + i)) this.wrong++
      this.count += bytes.length
    }
  }
}

/** Both ends write their bytes and finish; runs until both are done. Returns the duration in ms. */
export function exchange(pipe: Pipe, fromClient: number, fromServer: number, untilMs = 1e9): number {
  const startMs = pipe.nowMs
  const { client, server } = pipe
  const readers = [new Reader(client.stream), new Reader(server.stream)] as const
  new Writer(client.stream, fromClient).go()
  new Writer(server.stream, fromServer).go()
  pipe.run(startMs + untilMs, () => isOver(client.stream) && isOver(server.stream))
  if (!readers[0].hasEnded || !readers[1].hasEnded) throw new Error(`no end: ${told(pipe)}`)
  if (readers[0].wrong + readers[1].wrong > 0) throw new Error(`wrong bytes: ${told(pipe)}`)
  if (readers[0].count !== fromServer || readers[1].count !== fromClient)
    throw new Error(`bytes are missing: ${told(pipe)}`)
  return pipe.nowMs - startMs
}

const isOver = (stream: Stream): boolean => stream.finished && stream.peerFinished

const told = ({ nowMs, client, server }: Pipe): string =>
  JSON.stringify({ nowMs, client: client.stream.statistics, server: server.stream.statistics })
