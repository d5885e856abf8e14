/** All flows of a host: by flowID for packets, by slot for timers. */
import type { Address } from '../../link/link.ts'
import type { Transport } from '../../transport/transport.ts'
import { Flow, type Waker } from './flow.ts'
import type { FlowIdSource } from './flowIds.ts'
import { FlowTable } from './flowTable.ts'
import type { Listener } from './listener.ts'
import type { Nonce, NonceOf } from './nonces.ts'
import { Resting } from './resting.ts'
import type { Seeker, Seeking } from './seeker.ts'

/** The options of an active open. */
export interface ConnectOptions {
  readonly service: Uint8Array
  readonly transport: Transport
  /** Where to send the SYN. Default: the service table decides. */
  readonly via?: Address
  /** Where to send repetitions of the SYN. Default: where the first one went. */
  readonly seeking?: Seeking | undefined
  /** The local address. Default: the best one of the destination's kind. */
  readonly from?: Address
}

export interface NewFlow {
  readonly service: Uint8Array
  readonly transport: Transport
  readonly listener?: Listener
  readonly synKey?: string
  readonly seeker?: Seeker | undefined
  /** FlowID and nonce of a confirmed stateless answer. Default: the next flowID is issued. */
  readonly answer?: { readonly flow: number; readonly nonce: Nonce }
}

export class Flows {
  readonly #table = new FlowTable()
  readonly #slots: (Flow | undefined)[] = []
  readonly #free: number[] = []
  readonly #resting = new Resting()
  readonly #ids: FlowIdSource
  readonly #nonceOf: NonceOf
  readonly #most: number
  readonly #waker: Waker

  /** At most `most` flows, not counting those in TIME-WAIT. */
  constructor(ids: FlowIdSource, nonceOf: NonceOf, most: number, waker: Waker) {
    this.#ids = ids
    this.#nonceOf = nonceOf
    this.#most = most
    this.#waker = waker
  }

  get count(): number {
    return this.#table.size
  }

  /** Flows in TIME-WAIT have a limit of their own, and do not count here. */
  get isFull(): boolean {
    return this.count - this.#resting.count >= this.#most
  }

  /** Moves a flow to TIME-WAIT. If that exceeds `most`, returns the flow that has rested longest, for the caller to end. */
  rest(flow: Flow, most: number): Flow | undefined {
    this.#resting.add(flow.slot)
    return this.#resting.count > most ? this.#slots[this.#resting.oldest] : undefined
  }

  byId(id: number): Flow | undefined {
    return this.#slots[this.#table.get(id)]
  }

  inSlot(slot: number): Flow | undefined {
    return this.#slots[slot]
  }

  all(): Flow[] {
    return this.#slots.filter(flow => flow !== undefined)
  }

  /** Creates a flow with a flowID that no other has (invariant 8). Undefined if there are too many. */
  open(given: NewFlow): Flow | undefined {
    if (this.isFull) return undefined
    const id = given.answer?.flow ?? this.#ids.issue(held => this.#table.get(held) >= 0)
    const slot = this.#free.pop() ?? this.#slots.length
    const flow = new Flow({
      ...given,
      id,
      slot,
      nonce: given.answer?.nonce ?? this.#nonceOf(id, this.#ids.generationOf(id)),
      waker: this.#waker,
    })
    flow.transport.driver = flow
    this.#slots[slot] = flow
    this.#table.set(id, slot)
    return flow
  }

  /** Frees its flowID and its slot. */
  remove(flow: Flow): void {
    this.#resting.remove(flow.slot)
    this.#table.delete(flow.id)
    this.#slots[flow.slot] = undefined
    this.#free.push(flow.slot)
  }
}
