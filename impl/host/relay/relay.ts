/**
 * Carries all packets of flows between hosts that translators (NAT) keep apart: each end sees this host as its peer. A machine
 * decides about each flow (spec/machines/relay); this finds the flow of a packet, and knows which addresses are proved.
 */
import { none } from '../../../checker/lower/typed.ts'
import { common, FLOW_CHECKSUM } from '../../../spec/machines/flow/capabilities.ts'
import type { RelayEffect, RelayState } from '../../../spec/machines/relay/compiled.ts'
import type { RelayEvent } from '../../../spec/machines/relay/machine.ts'
import { UNPROVED } from '../../../spec/machines/relay/reasons.ts'
import { RELAYING } from '../../../spec/machines/relay/states.ts'
import { relayStep } from '../../../spec/machines/relay/step.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { ipOf, isIPv4 } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Counters } from '../counters.ts'
import { empty } from '../flows/empty.ts'
import { TimedSlots } from '../flows/timedSlots.ts'
import type { Timed } from '../hostOptions.ts'
import type { Packets } from '../packets/packets.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { type FlowsHost, Proved } from './proved.ts'

/** The most flows that a relay carries, and for one client's IPv4 address. */
export const CARRIED_LIMIT = 16_384
export const CARRIED_FOR_ONE = 1024
/** A flow without an answer is forgotten after this, ms, and one without a packet after two hours, as in TCP's keep-alive. */
const ASKED_MS = 30_000
const IDLE_MS = 7_200_000

export interface RelayHost extends FlowsHost {
  readonly counters: Counters
  readonly packets: Packets
  readonly places: HostAddresses
  attach(part: Timed): void
}

interface Carried {
  readonly clientFlow: number
  readonly clientIp: number
  readonly state: RelayState
  /** -1 until the relay keeps it. */
  slot: number
  usedMs: number
}

/** Reused for each step. */
const FORTH = { type: 'FORTH' as const, from: 0, flow: 0 }
const MOVED = { type: 'MOVED' as const, from: 0, to: 0 }
const BACK = { type: 'BACK' as const, from: 0, flow: 0, kind: 0 }

export class Relay implements Timed {
  readonly #host: RelayHost
  readonly #step = relayStep()
  readonly #proved: Proved
  readonly #byClient = new Map<number, Carried>()
  readonly #slots = new TimedSlots<Carried>()
  readonly #ofClient = new Map<number, number>()
  readonly #effects: RelayEffect[] = []
  readonly #fired: number[] = []
  #now = 0

  constructor(host: RelayHost) {
    this.#host = host
    this.#proved = new Proved(host)
    host.attach(this)
  }

  /** The number of flows that it carries. */
  get size(): number {
    return this.#byClient.size
  }

  nextTimeout(): number {
    return this.#slots.next()
  }

  /** Forgets flows without packets. */
  poll(now: number): void {
    if (this.#slots.next() > now) return
    for (const carried of this.#slots.due(now)) {
      const endMs = carried.usedMs + lifeMs(carried)
      if (endMs > now) this.#slots.schedule(carried, endMs)
      else {
        this.#take(carried, { type: 'EXPIRE' })
        this.#forget(carried)
      }
    }
  }

  /**
   * Carries a SYN to the instance at `next`, if client and instance are both connected to this host. Returns false for another
   * SYN, which a router forwards.
   */
  open(frame: Frame, from: Address, to: Address, next: Address, now: number): boolean {
    this.#now = now
    const isFit = frame.sourceCount === 0 && common(frame.capabilities, FLOW_CHECKSUM) !== 0
    if (!isFit || !isIPv4(from)) return false
    const carried = this.#byClient.get(frame.srcFlow | 0) ?? this.#fresh(frame.srcFlow | 0, from)
    const proved = this.#isProved(from) && this.#isProved(next) ? 1 : 0
    const effects = this.#take(carried, { type: 'SYN', from, to: next, proved })
    if (effects.some(({ type, params }) => type === 'drop' && params.reason === UNPROVED)) return false
    this.#count(
      (carried.slot >= 0 || this.#keep(carried)) && this.#perform(carried, effects, frame, from, to),
    )
    return true
  }

  /** Carries a packet of a flow. Returns false if it belongs to no flow here. */
  take(kind: number, frame: Frame, from: Address, to: Address, now: number): boolean {
    this.#now = now
    const [source, destination] = [frame.srcFlow | 0, frame.dstFlow | 0]
    const forth = this.#byClient.get(source)
    const back = this.#byClient.get(destination)
    if (forth !== undefined && destination !== 0 && forth.state.serverFlow === destination)
      this.#act(forth, FORTH, destination, frame, from, to)
    else if (back !== undefined && isAnswer(back.state, source, from)) {
      BACK.kind = kind
      this.#act(back, BACK, source, frame, from, to)
    } else return false
    return true
  }

  /** The connection of a host to this one has moved. */
  moved(was: Address, is: Address): void {
    MOVED.from = was
    MOVED.to = is
    for (const carried of this.#byClient.values()) {
      const { client, server } = carried.state
      if (client === was || server === was) this.#take(carried, MOVED)
    }
  }

  #count(isCarried: boolean): void {
    if (!isCarried) this.#host.counters.notCarried++
  }

  #isProved(address: Address): boolean {
    return this.#proved.has(address, this.#now)
  }

  #act(
    carried: Carried,
    event: typeof FORTH | typeof BACK,
    flow: number,
    frame: Frame,
    from: Address,
    own: Address,
  ): void {
    event.from = from
    event.flow = flow
    this.#count(this.#perform(carried, this.#take(carried, event), frame, from, own))
  }

  /** Carries out the effects of a step. Returns whether the packet has left. */
  #perform(
    carried: Carried,
    effects: readonly RelayEffect[],
    frame: Frame,
    from: Address,
    own: Address,
  ): boolean {
    let hasLeft = false
    for (const effect of effects)
      switch (effect.type) {
        case 'carry':
          hasLeft = this.#carry(frame, from, own, effect.params.to)
          break
        case 'arm':
          carried.usedMs = this.#now
          break
        case 'drop':
          break
        default:
          none(effect)
      }
    return hasLeft
  }

  #carry(frame: Frame, from: Address, own: Address, to: Address): boolean {
    if (!this.#host.packets.carry(frame, from, own, to)) return false
    this.#host.counters.carried++
    return true
  }

  #take(carried: Carried, event: RelayEvent): readonly RelayEffect[] {
    empty(this.#effects)
    empty(this.#fired)
    this.#step.step(carried.state, event, this.#effects, this.#fired)
    return this.#effects
  }

  #fresh(clientFlow: number, from: Address): Carried {
    return { clientFlow, clientIp: ipOf(from), state: this.#step.initial(), slot: -1, usedMs: this.#now }
  }

  /** Returns false if there is no room. */
  #keep(carried: Carried): boolean {
    const { clientFlow, clientIp } = carried
    const ofClient = this.#ofClient.get(clientIp) ?? 0
    if (this.#byClient.size >= CARRIED_LIMIT || ofClient >= CARRIED_FOR_ONE) return false
    this.#slots.add(slot => Object.assign(carried, { slot }))
    this.#byClient.set(clientFlow, carried)
    this.#ofClient.set(clientIp, ofClient + 1)
    this.#slots.schedule(carried, this.#now + ASKED_MS)
    return true
  }

  #forget(carried: Carried): void {
    const { clientFlow, clientIp } = carried
    const left = (this.#ofClient.get(clientIp) ?? 1) - 1
    if (left === 0) this.#ofClient.delete(clientIp)
    else this.#ofClient.set(clientIp, left)
    this.#byClient.delete(clientFlow)
    this.#slots.remove(carried)
  }
}

/** True if a packet for the client's flow may be the server's. */
const isAnswer = (state: RelayState, flow: number, from: Address): boolean =>
  state.relay === RELAYING.ASKED ? from === state.server : flow === state.serverFlow

/** How long a flow is remembered without a packet, ms. */
const lifeMs = ({ state }: Carried): number => (state.relay === RELAYING.BOUND ? IDLE_MS : ASKED_MS)
