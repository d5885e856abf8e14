/** The options of every socket. */
import type { Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'

/** The options of a socket. */
export interface SocketOptions {
  /** Default: the process's own stack. */
  readonly stack?: Stack | undefined
  /** Whether the socket may write after the peer has ended. Default false: the socket then ends as well. */
  readonly allowHalfOpen?: boolean | undefined
  /** Like `setNoDelay(true)`, `setKeepAlive(true, keepAliveInitialDelay)`, `setTimeout(timeout)`. */
  readonly noDelay?: boolean | undefined
  readonly keepAlive?: boolean | undefined
  readonly keepAliveInitialDelay?: number | undefined
  readonly timeout?: number | undefined
  /** For both directions, in bytes, as for every Duplex. */
  readonly highWaterMark?: number | undefined
  /** How long the peer may be silent while an answer is due, ms, before ETIMEDOUT. Default 100 s. */
  readonly deadAfterMs?: number | undefined
  /** Destroys the socket when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** The options of a connection: those of its socket, and how to reach the service. */
export interface ConnectOptions extends SocketOptions, Route {}
