/** What may be chosen for a socket, wherever it comes from. */
import type { Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'

export interface SocketOptions {
  /** The process's own, without. */
  readonly stack?: Stack | undefined
  /** Whether the socket may be written to after the peer has ended. False without: it then ends itself. */
  readonly allowHalfOpen?: boolean | undefined
  /** As `setNoDelay(true)`, `setKeepAlive(true, keepAliveInitialDelay)`, `setTimeout(timeout)`. */
  readonly noDelay?: boolean | undefined
  readonly keepAlive?: boolean | undefined
  readonly keepAliveInitialDelay?: number | undefined
  readonly timeout?: number | undefined
  /** Of both directions, in bytes, as for every Duplex. */
  readonly highWaterMark?: number | undefined
  /** How long the peer may be silent, ms, while something waits for its answer, before ETIMEDOUT. 100 s without. */
  readonly deadAfterMs?: number | undefined
  /** Destroys the socket when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

export interface ConnectOptions extends SocketOptions, Route {}
