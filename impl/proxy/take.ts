/** Reads the beginning of a client's stream, and ends it after a refusal. */
import type { Socket } from 'node:net'
import { ProxyError } from './errors.ts'
import type { Read } from './socks.ts'

/** How long a client that was refused may take to read the refusal and to close, ms. */
const LINGER_MS = 2000

/**
 * Resolves with what `read` makes of the first bytes, which it gets again with every piece that arrives; undefined means
 * more are missing. Bytes beyond the value stay in the stream. Rejects with PROXY_GONE, the error that
 * has destroyed the stream, and what `read` throws.
 */
export async function take<T>(tcp: Socket, read: (bytes: Buffer) => Read<T> | undefined): Promise<T> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const piece: Buffer | null = tcp.read()
    if (piece === null) {
      if (tcp.readableEnded || tcp.destroyed) throw tcp.errored ?? new ProxyError('PROXY_GONE')
      await arrival(tcp)
      continue
    }
    bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece])
    const found = read(bytes)
    if (found === undefined) continue
    if (found.length < bytes.length) tcp.unshift(bytes.subarray(found.length))
    return found.value
  }
}

/** Resolves when more can be read, or the stream is over. */
function arrival(tcp: Socket): Promise<void> {
  return new Promise(resolve => {
    const go = (): void => {
      for (const event of EVENTS) tcp.off(event, go)
      resolve()
    }
    for (const event of EVENTS) tcp.on(event, go)
  })
}
const EVENTS = ['readable', 'end', 'close']

/** Sends the last bytes. What the client still sends is dropped, because closing with unread bytes would reset the connection. */
export function dismiss(tcp: Socket, bytes: Uint8Array | string): void {
  if (tcp.destroyed) return
  tcp.end(bytes)
  tcp.resume()
  const timer = setTimeout(() => tcp.destroy(), LINGER_MS)
  tcp.once('close', () => clearTimeout(timer))
}
