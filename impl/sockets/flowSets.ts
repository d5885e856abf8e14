/** Finds the owner of a connection when it gets a further flow, which most never do. */
import type { FlowsOwner } from '../host/connections/connection.ts'
import type { Flow, FlowUser } from '../host/flows/flow.ts'
import type { Listener } from '../host/flows/listener.ts'
import type { Host } from '../host/host.ts'
import type { RandomSource } from '../host/random/random.ts'
import { DatagramTransport } from '../transport/datagram.ts'
import { Stream } from '../transport/stream/stream.ts'
import type { Transport } from '../transport/transport.ts'
import type { FlowPolicy } from './flowPolicy.ts'
import { FlowSet, type FlowSetUser } from './flowSet.ts'
import { streamOptions } from './transports.ts'

/** The user of a connection that may get several flows. */
export interface Gathering extends FlowSetUser {
  readonly flowPolicy: FlowPolicy | undefined
  gather(set: FlowSet): void
}

export class FlowSets {
  readonly #random: RandomSource
  readonly #packetBytes: number
  readonly #policies = new WeakMap<Listener, FlowPolicy | 'accept'>()

  constructor(host: Host, random: RandomSource, packetBytes: number) {
    this.#random = random
    this.#packetBytes = packetBytes
    host.ownerOf = this.#ownerOf
  }

  /** The listener accepts connections with this policy. */
  serve(listener: Listener, policy: FlowPolicy | undefined): void {
    this.#policies.set(listener, policy ?? 'accept')
  }

  readonly #ownerOf = (first: Flow): FlowsOwner | undefined => {
    const { transport, listener, user } = first
    const owner = isGathering(user) ? user : undefined
    const policy = owner?.flowPolicy ?? (listener && this.#policies.get(listener))
    const isKnown = owner !== undefined || policy !== undefined
    if (!isKnown || policy === 'one') return undefined
    const set = this.#setOf(first, transport)
    if (set !== undefined) owner?.gather(set)
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

const isGathering = (user: FlowUser | undefined): user is Gathering => user !== undefined && 'gather' in user
