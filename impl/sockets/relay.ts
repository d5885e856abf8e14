import type { Duplex, Readable, Writable } from 'node:stream'
import { deferred } from './deferred.ts'

/**
 * Options of both sockets of a relay. Each direction ends on its own. Each piece leaves at once, because the writer has
 * already decided how long to collect bytes.
 */
export const RELAYED = { allowHalfOpen: true, noDelay: true } as const

/** A socket of Serval, or of `net`. */
export interface Relayed extends Duplex {
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

/**
 * Carries bytes both ways until both have ended. If anything breaks, or `signal` stops it, it resets the socket, so that
 * the peer never takes a part for the whole. Rejects with what broke.
 */
export function relay(socket: Relayed, { source, sink }: Ends, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = deferred<void>()
  const fail = (error: Error): void => {
    source.unpipe(socket)
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
  source.pipe(socket)
  if (sink !== undefined) socket.pipe(sink)
  else if (source !== socket) socket.resume()
  socket.once('close', resolve)
  return promise.finally(() => signal.removeEventListener('abort', stop))
}
