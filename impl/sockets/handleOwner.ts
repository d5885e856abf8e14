/** The owner of a connection's handle: mostly a socket. */
import type { StreamUser } from '../transport/stream/stream.ts'
import type { Transport } from '../transport/transport.ts'
import type { PathReason } from './channels.ts'
import type { FlowChange } from './flowSet.ts'

/** The path of a connection, and why it changed. Addresses such as `127.0.0.1:54325`. */
export interface PathChange {
  readonly local: string
  readonly remote: string
  readonly reason: PathReason
}

/** The owner of a handle. No method is called while the host is working. */
export interface HandleOwner {
  connected(): void
  /** Called when there may be something to read, room to write, or an end. */
  ready(): void
  /** Called when the connection is over. Without an error it ended in order. */
  closed(error: Error | undefined): void
  moved(change: PathChange): void
  /** A further flow is connected, or one has ended while others go on. */
  flowChanged?(change: FlowChange): void
}

/** A transport that can notify its owner. */
export interface OwnedTransport extends Transport {
  readonly readable: number
  /** Returns the next bytes, or undefined if none have arrived. */
  read(): Uint8Array | undefined
  /** Bytes written and not yet acknowledged; for datagrams, not yet sent. */
  readonly bufferedToSend: number
  user: StreamUser | undefined
}
