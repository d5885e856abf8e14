/** A listener at a service or a prefix: the state of its machine, and its flows. */

import type { FlowState } from '../../../spec/machines/flow/compiled.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { flowStep } from '../../../spec/machines/flow/step.ts'
import type { ListenerState } from '../../../spec/machines/listener/compiled.ts'
import { listenerStep } from '../../../spec/machines/listener/step.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import type { Address } from '../../link/link.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Unconnected } from '../paths/unconnected.ts'
import { SERVICE_BITS, type ServicePrefix, serviceIdAt } from '../services/serviceId.ts'
import type { Flow } from './flow.ts'

/** The sender of a packet, and the own address that it came to. */
export interface Path {
  readonly from: Address
  readonly to: Address
}

export interface ListenOptions {
  /** The most handshakes in progress. */
  readonly backlog?: number
  /** The most handshakes in progress and flows waiting for `accept`, together. */
  readonly queue?: number
  /**
   * Returns a transport for the flow of a packet, which came by `path`; undefined if the listener does not speak its protocol
   * (6 stream, 17 datagram).
   */
  readonly transport: (protocol: number, packet: Frame, path: Path) => Transport | undefined
  /** Called when a flow waits for `accept`. */
  readonly onReady: (listener: Listener) => void
  /** Called with each datagram without a connection. Without it the listener refuses them. */
  readonly onUnconnected?: ((datagram: Unconnected) => void) | undefined
}

/** As in Node's `net`. Half of them keep a flow of some KB each; beyond that the listener answers statelessly. */
export const DEFAULT_BACKLOG = 511
/** A thousand clients that connect at once find room, even if the application accepts none of them meanwhile. */
export const DEFAULT_QUEUE = 2048

export class Listener {
  readonly prefix: ServicePrefix
  readonly options: ListenOptions
  /** The listening flow, which receives SYNs. */
  readonly socket: FlowState = flowStep().initial()
  /** Counts and limits. */
  readonly state: ListenerState
  /** How many flows that it accepted still exist. */
  flows = 0
  /** Established flows that are not yet accepted. */
  readonly ready: Flow[] = []

  constructor(prefix: ServicePrefix, options: ListenOptions) {
    this.prefix = prefix
    this.options = options
    this.state = {
      ...listenerStep().initial(),
      backlog: options.backlog ?? DEFAULT_BACKLOG,
      queue: options.queue ?? DEFAULT_QUEUE,
    }
  }

  get isOpen(): boolean {
    return this.socket.connection === CONNECTION.LISTEN
  }

  /** Returns the complete service that a SYN requests: for a listener at one service, the listener's own bytes. */
  serviceIn({ bytes, service }: Frame): Uint8Array {
    const { id, bits } = this.prefix
    return bits === SERVICE_BITS ? id : serviceIdAt(bytes, service)
  }

  /** The number of handshakes in progress. */
  get pending(): number {
    return this.state.pending
  }
}
