import type { Duplex, Readable, Writable } from 'node:stream'
import { freeBytes } from '../link/freeBytes.ts'
import { deferred } from './deferred.ts'

/**
 * Options of both sockets of a splice. Each direction ends on its own. Each piece leaves at once, because the writer has
 * already decided how long to collect bytes.
 */
export const SPLICED = { allowHalfOpen: true, noDelay: true } as const

/** A socket of Serval, or of `net`. */
export interface Spliced extends Duplex {
  readonly connecting: boolean
  readonly bytesRead: number
  readonly bytesWritten: number
  resetAndDestroy(): unknown
}

/** The source of bytes for the socket, and the destination of bytes from it. */
export interface Ends {
  readonly source: Readable
  /** Undefined: nowhere, or somebody else takes them. */
  readonly sink: Writable | undefined
}

/** Freeing the memory of shorter pieces costs more than it saves. */
const LEAST_FREED = 16_384

/** Carries bytes and the end from `source` to `sink`. Nobody else may read `source`. Returns a function that stops it. */
function carry(source: Readable, sink: Writable): () => void {
  const take = (bytes: Buffer): void => {
    const isFull = !(bytes.length < LEAST_FREED
      ? sink.write(bytes)
      : sink.write(bytes, error => error ?? freeBytes(bytes)))
    if (isFull) source.pause()
  }
  const end = (): unknown => sink.end()
  const resume = (): unknown => source.resume()
  const stop = (): void => {
    source.off('data', take).pause()
    sink.off('drain', resume)
  }
  sink.on('drain', resume).once('close', stop)
  source.on('data', take).resume()
  if (source.readableEnded) process.nextTick(end)
  else source.once('end', end)
  return stop
}

/**
 * Carries bytes both ways until both have ended. If anything breaks, or `signal` stops it, it resets the socket, so that
 * the peer never takes a part for the whole. Rejects with what broke.
 */
export function splice(socket: Spliced, { source, sink }: Ends, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = deferred<void>()
  const fail = (error: Error): void => {
    stopSending()
    if (socket.connecting) socket.destroy()
    else socket.resetAndDestroy()
    reject(error)
  }
  const stop = (): void => fail(signal.reason)
  signal.addEventListener('abort', stop)
  for (const one of [source, sink, socket]) one?.on('error', fail)
  source.once('close', () => {
    if (!source.readableEnded) fail(new Error('what is sent was cut off'))
  })
  const stopSending = carry(source, socket)
  if (sink !== undefined) carry(socket, sink)
  else if (source !== socket) socket.resume()
  socket.once('close', resolve)
  return promise.finally(() => signal.removeEventListener('abort', stop))
}
