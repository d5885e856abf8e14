/** One flow of a host: the machine's state, its nonces, and the transport that it carries. */
import { VERNO_SPACE } from '../../spec/flow/registers.ts'
import { CONNECTION, MIGRATION } from '../../spec/flow/states.ts'
import { flowStep } from '../../spec/flow/step.ts'
import type { MachineState } from '../../spec/lower/standalone.ts'
import type { Address } from '../link/link.ts'
import type { Transport } from '../transport/transport.ts'
import type { Listener } from './listener.ts'
import type { Nonce } from './nonces.ts'
import { Retransmission } from './rtt.ts'

const ignore = (): void => {}

export class Flow {
  /** Its flowID, unsigned 32 bits. */
  readonly id: number
  /** Its place in the host: timers are named by it. */
  readonly slot: number
  /** The serviceID that it was opened to; the listener's for accepted flows. */
  readonly service: Uint8Array
  readonly transport: Transport
  /** Registers and states, changed by the machine's step alone. */
  readonly state: MachineState
  readonly nonce: Nonce
  peerNonceHigh = 0
  peerNonceLow = 0
  readonly retransmission: Retransmission
  /** The listener that it came through. */
  readonly listener: Listener | undefined
  /** What identifies the SYN that it was made from, at its listener. */
  readonly synKey: string

  /** Of a flow that was asked for through routers: the SYN's SOURCE, and this end's address. IPv4, 32 bits each. */
  sources: readonly number[] = []

  /** Where data leaves from and goes to now; 0 while none may leave. */
  from: Address = 0
  to: Address = 0
  /** The path that was used last. */
  lastFrom: Address = 0
  lastTo: Address = 0

  /** On the host's list of flows that may have something to send. */
  waiting = false
  /** Bytes that its transport held when the host last looked. */
  buffered = 0
  /** When the retransmission timer runs out, ms; Infinity when it does not run. */
  timeoutAt = Infinity

  /** Told of what happens to the flow: a number of spec/flow/notices.ts. */
  onNotice: (notice: number) => void = ignore
  /** Called when both ends have ended and are acknowledged: it only lingers from now on. */
  onRest: () => void = ignore

  constructor(given: {
    id: number
    slot: number
    service: Uint8Array
    transport: Transport
    nonce: Nonce
    tries: number
    listener?: Listener | undefined
    synKey?: string
  }) {
    this.id = given.id
    this.slot = given.slot
    this.service = given.service
    this.transport = given.transport
    this.nonce = given.nonce
    this.listener = given.listener
    this.synKey = given.synKey ?? ''
    this.retransmission = new Retransmission(given.tries)
    this.state = { ...flowStep().initial(), space: VERNO_SPACE }
  }

  get connection(): number {
    return this.state.connection!
  }

  get migration(): number {
    return this.state.migration!
  }

  /** This end's address, in use. */
  get local(): Address {
    return this.state.local!
  }

  /** The peer's, proved. */
  get peer(): Address {
    return this.state.peer!
  }

  get isClosed(): boolean {
    return this.connection === CONNECTION.CLOSED
  }

  /** Handshake done, and not over: it may move. */
  get isLive(): boolean {
    return this.connection >= CONNECTION.CONNECTED && this.connection <= CONNECTION.LASTACK
  }

  get isMoving(): boolean {
    return this.migration === MIGRATION.RSYN_SENT || this.migration === MIGRATION.RSYN_SENT_RECV
  }
}
