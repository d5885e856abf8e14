/**
 * Packets that name a service: the first packet of a flow, and datagrams without one. The service's rule decides
 * whether a listener here gets them or they are forwarded.
 */

import { none } from '../../../checker/lower/typed.ts'
import { at, must } from '../../../checker/text/at.ts'
import type { AnyFlowEvent } from '../../../spec/machines/flow/events.ts'
import { DATA, SYN } from '../../../spec/machines/flow/packets.ts'
import type { ForwarderEffect, ForwarderState } from '../../../spec/machines/resolution/compiled.ts'
import type { AnyForwarderEvent } from '../../../spec/machines/resolution/forwarder.ts'
import { forwarderStep } from '../../../spec/machines/resolution/step.ts'
import { MOST_SOURCES } from '../../../spec/wire/format.ts'
import { decodeFrame, type Frame, newFrame } from '../../../spec/wire/frame.ts'
import { kindOf } from '../../../spec/wire/kinds.ts'
import { placeWord, repetitionOf } from '../../../spec/wire/negotiation.ts'
import { ipOf, NO_ADDRESS, portOf } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Counters } from '../counters.ts'
import type { Engine } from '../flows/engine.ts'
import { newEvent, readEvent } from '../flows/event.ts'
import type { Listener } from '../flows/listener.ts'
import { firstIsIntact } from '../packets/intact.ts'
import type { Packets } from '../packets/packets.ts'
import type { Relay } from '../relay/relay.ts'
import { serviceIdAt } from '../services/serviceId.ts'
import type { ServiceTable, Target } from '../services/serviceTable.ts'
import { DelayedPacket, type Ends, type Resumer } from './delayedPacket.ts'
import type { Delays } from './delays.ts'
import { countDrop } from './drops.ts'
import type { Forwarding } from './forwarding.ts'
import type { HostAddresses } from './hostAddresses.ts'
import { originOf } from './origin.ts'
import type { Reflection } from './reflection.ts'
import { readUnconnected, type Unconnected } from './unconnected.ts'

/** The parts of a host that first packets use. */
export interface FirstPacketsHost {
  readonly limits: { readonly hops: number }
  readonly counters: Counters
  readonly packets: Packets
  readonly reflection: Reflection
  readonly places: HostAddresses
  readonly services: ServiceTable<Listener>
  readonly delays: Delays
  /** Present only on a router. */
  readonly forwarding: Forwarding | undefined
  /** Present only on a relay. */
  readonly relay: Relay | undefined
  readonly onSilent: ((service: Uint8Array, address: Address) => void) | undefined
  fault(error: unknown, depth: number, now: number): void
}

/** True if a packet of this kind names a service. */
export const isFirst = (kind: number, frame: Frame): boolean =>
  frame.service >= 0 && (kind === SYN || kind === DATA)

/** From a rule's target to the forwarder's event. */
const EVENTS = {
  demux: 'DEMUX',
  forward: 'FORWARD',
  delay: 'DELAY',
  drop: 'DROP',
  none: 'UNMATCHED',
} as const

export class FirstPackets implements Resumer {
  readonly #host: FirstPacketsHost
  readonly #engine: Engine
  /** Of a packet that has waited. */
  readonly #frame = newFrame()
  readonly #event = newEvent('SYN')
  readonly #forwarder = forwarderStep()
  readonly #state: ForwarderState
  readonly #hop: AnyForwarderEvent = { type: 'UNMATCHED', broadcast: 0, visited: 0, hops: 0, to: 0 }
  readonly #effects: ForwarderEffect[] = []
  readonly #fired: number[] = []

  constructor(host: FirstPacketsHost, engine: Engine) {
    this.#host = host
    this.#engine = engine
    this.#state = { ...this.#forwarder.initial(), mostHops: host.limits.hops }
  }

  /** Handles a packet. `hasWaited`: it comes from the delay queue. */
  receive(kind: number, frame: Frame, from: Address, to: Address, now: number, hasWaited = false): void {
    const { counters, places, services, forwarding, relay } = this.#host
    const origin = originOf(frame, from, places)
    if (origin === NO_ADDRESS) {
      counters.malformed++
      return
    }
    // Without forwarding there is nothing to choose: late binding ends at this host.
    const pick = forwarding?.pick(kind === SYN, frame, origin) ?? 0
    const target =
      frame.repetition < 0 || forwarding === undefined
        ? services.resolve(frame.bytes, pick, frame.service, frame.end, now)
        : this.#resolveAgain(frame, pick, now)
    const isBroadcast = places.isBroadcast(to)
    const effect = this.#decide(frame, target, origin, isBroadcast)
    if (effect.type === 'forward') {
      const isCarried = kind === SYN && relay?.open(frame, from, to, effect.params.to, now) === true
      if (!isCarried && !must(forwarding).send(frame, from, to, effect.params.to)) services.countDrop()
    } else if (effect.type === 'drop') {
      countDrop(counters, effect.params.reason)
      services.countDrop()
    } else if (!firstIsIntact(frame, from, origin, to)) counters.corrupt++
    else if (effect.type === 'delay')
      this.#host.delays.add(
        frame.bytes,
        frame.service,
        new DelayedPacket(this, frame, { origin, from, to }, hasWaited),
        now,
      )
    else if (kind === SYN && !this.#mayAnswer(frame, origin, from, now)) counters.unreflected++
    else if (effect.type === 'refuse') this.#refuse(kind, frame, origin, to, now)
    else if (effect.type === 'deliver')
      this.#deliver(kind, frame, listenerOf(target), origin, isBroadcast ? places.towards(origin) : to, now)
    else none(effect)
  }

  /** Leads a repeated SYN to another instance than before, and to none that has refused it. */
  #resolveAgain(frame: Frame, pick: number, now: number): Target<Listener> | undefined {
    const { attempt, refused } = repetitionOf(frame)
    this.#reportSilent(frame, pick, attempt)
    const mayAsk = (one: Target<Listener>): boolean =>
      one.kind !== 'forward' || !refused.includes(placeWord(ipOf(one.address), portOf(one.address)))
    return this.#host.services.resolveAgain(
      frame.bytes,
      frame.service,
      frame.end,
      { pick, attempt, mayAsk },
      now,
    )
  }

  /** The instance of the attempt before did not answer, or refused. Anybody can claim that. */
  #reportSilent(frame: Frame, pick: number, attempt: number): void {
    const { onSilent, services } = this.#host
    if (onSilent === undefined || attempt === 0) return
    const service = serviceIdAt(frame.bytes, frame.service)
    const mayAsk = (one: Target<Listener>): boolean => one.kind === 'forward'
    const before = services.explainAgain(service, { pick, attempt: attempt - 1, mayAsk })
    if (before?.kind === 'forward') onSilent(service, before.address)
  }

  /**
   * True if a SYN may be answered at its origin now. Notes for the machine whether only SOURCE names the
   * origin.
   */
  #mayAnswer(frame: Frame, origin: Address, from: Address, now: number): boolean {
    this.#event.claimed = origin === from ? 0 : 1
    return origin === from || this.#host.reflection.take(frame, now)
  }

  /** Returns the machine's decision about a packet, given the target of its rule. */
  #decide(
    frame: Frame,
    target: Target<Listener> | undefined,
    origin: Address,
    isBroadcast: boolean,
  ): ForwarderEffect {
    const { forwarding } = this.#host
    const hop = this.#hop
    hop.type = EVENTS[target?.kind ?? 'none']
    hop.broadcast = isBroadcast ? 1 : 0
    // Only a router forwards packets for other hosts, or keeps them until it knows the destination.
    const isOthers = target?.kind === 'forward' || target?.kind === 'delay'
    if (isOthers && forwarding === undefined) hop.type = EVENTS.none
    else if (target?.kind === 'forward') {
      hop.visited = must(forwarding).isVisited(frame, origin, target.address) ? 1 : 0
      hop.hops = Math.max(frame.sourceCount - 1, 0)
      hop.to = target.address
    }
    this.#effects.length = 0
    this.#fired.length = 0
    this.#forwarder.step(this.#state, hop, this.#effects, this.#fired)
    return at(this.#effects, 0)
  }

  receiveAgain(from: Address, to: Address, bytes: Uint8Array, now: number): void {
    const frame = this.#frame
    const { depth } = this.#engine
    decodeFrame(bytes, 0, bytes.length, frame)
    try {
      this.receive(kindOf(frame), frame, from, to, now, true)
    } catch (error) {
      this.#host.fault(error, depth, now)
    }
  }

  /** The service of a packet that has waited does not exist: answers as if no rule matched. */
  refuseAgain({ origin, to }: Ends, bytes: Uint8Array, now: number): void {
    const frame = this.#frame
    decodeFrame(bytes, 0, bytes.length, frame)
    const kind = kindOf(frame)
    // The origin got its share of answers only if it sent the packet itself.
    const isOwed = kind !== SYN || frame.sourceCount === 0 || this.#host.reflection.take(frame, now)
    if (isOwed) this.#refuse(kind, frame, origin, to, now)
    else this.#host.counters.unreflected++
  }

  /** Handles an ACK that names its service and has no flow: the service's listener may have answered its SYN statelessly. */
  receiveAck(event: AnyFlowEvent, frame: Frame, now: number): void {
    const { services } = this.#host
    const target = services.resolve(frame.bytes, 0, frame.service, frame.end, now)
    if (target?.kind === 'demux') this.#engine.stepSocket(target.listener, event, now, frame)
  }

  #deliver(kind: number, frame: Frame, listener: Listener, origin: Address, to: Address, now: number): void {
    const { counters, services } = this.#host
    if (to === NO_ADDRESS) counters.unreachable++
    // The SYN-ACK adds this host's address to SOURCE.
    else if (kind === SYN && frame.sourceCount >= MOST_SOURCES) counters.hopsSpent++
    else if (kind === SYN) {
      const { refused } = counters
      this.#offer(listener, readEvent(this.#event, kind, frame, origin, to), frame, now)
      if (counters.refused > refused) services.countDrop()
    } else this.#hand(listener, readUnconnected(frame, origin, to))
  }

  /**
   * The answer to a SYN with SOURCE must not be longer than the SYN, because it may reach a host that never asked
   * (invariant 53).
   */
  #offer(listener: Listener, syn: AnyFlowEvent, frame: Frame, now: number): void {
    const { counters, packets } = this.#host
    const { count } = packets
    this.#engine.stepSocket(listener, syn, now, frame)
    if (frame.sourceCount === 0 || packets.count === count) return
    if (must(packets.last).bytes.length <= frame.end - frame.start) return
    packets.withdraw()
    counters.outgrown++
  }

  #hand({ options: { onUnconnected } }: Listener, datagram: Unconnected | undefined): void {
    const { counters } = this.#host
    if (datagram === undefined) counters.malformed++
    else if (onUnconnected === undefined) counters.unserved++
    else onUnconnected(datagram)
  }

  /** The service is not here: answers a SYN with a RST. */
  #refuse(kind: number, frame: Frame, origin: Address, to: Address, now: number): void {
    this.#host.counters.unserved++
    if (kind === SYN)
      this.#engine.strangers.answer(readEvent(this.#event, kind, frame, origin, to), frame, now)
  }
}

/** Returns the listener of the rule by which the machine delivers a packet. */
const listenerOf = (target: Target<Listener> | undefined): Listener =>
  must(target?.kind === 'demux' ? target.listener : undefined)
