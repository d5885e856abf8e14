/** Finds the owner of a connection when it gets a further flow, which most never do. */
import type { FlowsOwner } from '../host/connections/connection.ts'
import type { Flow } from '../host/flows/flow.ts'
import type { Listener } from '../host/flows/listener.ts'
import type { Host } from '../host/host.ts'
import type { RandomSource } from '../host/random/random.ts'
import { DatagramTransport } from '../transport/datagram.ts'
import { Stream } from '../transport/stream/stream.ts'
import type { Transport } from '../transport/transport.ts'
import type { FlowPolicy } from './flowPolicy.ts'
import { FlowSet } from './flowSet.ts'
import { streamOptions } from './transports.ts'

/** A connection that may get several flows. */
export interface Gathering {
  readonly flow: Flow
  readonly flowPolicy: FlowPolicy | undefined
  gather(set: FlowSet): void
}

export class FlowSets {
  readonly #random: RandomSource
  readonly #packetBytes: number
  /** Weak, because each connection has its own lifetime. */
  readonly #handles = new WeakMap<Flow, Gathering>()
  readonly #policies = new WeakMap<Listener, FlowPolicy | 'accept'>()
  /** Of flows that no server has accepted yet. */
  readonly #early = new WeakMap<Flow, FlowSet>()

  constructor(host: Host, random: RandomSource, packetBytes: number) {
    this.#random = random
    this.#packetBytes = packetBytes
    host.ownerOf = this.#ownerOf
  }

  /** The listener accepts connections with this policy. */
  serve(listener: Listener, policy: FlowPolicy | undefined): void {
    this.#policies.set(listener, policy ?? 'accept')
  }

  /** A connection begins. */
  own(handle: Gathering): void {
    const { flow } = handle
    const early = this.#early.get(flow)
    this.#handles.set(flow, handle)
    this.#early.delete(flow)
    if (early !== undefined) handle.gather(early)
  }

  readonly #ownerOf = (first: Flow): FlowsOwner | undefined => {
    const { transport, listener } = first
    const handle = this.#handles.get(first)
    const policy = handle?.flowPolicy ?? (listener && this.#policies.get(listener))
    const isKnown = handle !== undefined || policy !== undefined
    if (!isKnown || policy === 'one') return undefined
    const set = this.#setOf(first, transport)
    if (set === undefined) return undefined
    if (handle === undefined) this.#early.set(first, set)
    else handle.gather(set)
    return set
  }

  #setOf(first: Flow, whole: Transport): FlowSet | undefined {
    if (whole instanceof DatagramTransport) return new FlowSet(first, whole, () => whole.join())
    if (!(whole instanceof Stream)) return undefined
    return new FlowSet(first, whole, () =>
      whole.join(streamOptions(this.#random, this.#packetBytes, whole.noDelay)),
    )
  }
}
