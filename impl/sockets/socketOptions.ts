/** The options of every socket. */
import type { FlowDuplexOptions } from './flowDuplex.ts'
import type { FlowOptions } from './flowOptions.ts'
import type { Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'

/** The options of a socket. */
export interface SocketOptions extends FlowDuplexOptions, FlowOptions {
  /** Default: the process's own stack. */
  readonly stack?: Stack | undefined
  /** Like `setNoDelay(true)`, `setKeepAlive(true, keepAliveInitialDelay)`, `setTimeout(timeout)`. */
  readonly noDelay?: boolean | undefined
  readonly keepAlive?: boolean | undefined
  readonly keepAliveInitialDelay?: number | undefined
  readonly timeout?: number | undefined
  /** Destroys the socket when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** The options of a connection: those of its socket, and how to reach the service. */
export interface ConnectOptions extends SocketOptions, Route {}
