/**
 * A host that both ends of a flow can still reach after moving at the same time. It knows their current addresses,
 * because they announced them, and relays packets of moves. A machine decides about each binding
 * (spec/machines/rendezvous); this keeps the leases, and verifies that a host is at the address that it claims.
 */

import { none } from '../../../checker/lower/typed.ts'
import { must } from '../../../checker/text/at.ts'
import type { RendezvousEffect, RendezvousState } from '../../../spec/machines/rendezvous/compiled.ts'
import type { RendezvousEvent } from '../../../spec/machines/rendezvous/machine.ts'
import { NOT_THE_HOLDER } from '../../../spec/machines/rendezvous/reasons.ts'
import { rendezvousStep } from '../../../spec/machines/rendezvous/step.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { kindOf } from '../../../spec/wire/kinds.ts'
import { isIPv4 } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Nonce } from '../flows/nonces.ts'
import { TimedSlots } from '../flows/timedSlots.ts'
import type { Host } from '../host.ts'
import { encodeUnconnected, type Unconnected } from '../paths/unconnected.ts'
import { type KeyedHash, keyedHash } from '../random/keyedHash.ts'
import type { RandomSource } from '../random/random.ts'
import { prefixOfId } from '../services/serviceId.ts'
import * as messages from './messages.ts'

/** The most remembered addresses, bound or formerly bound. */
export const BINDINGS_LIMIT = 65_536
/** A host that is silent for this long is considered gone, ms. */
export const LEASE_MS = 60_000

const SECRET_BYTES = 32

interface Binding {
  readonly home: Address
  readonly state: RendezvousState
  /** -1 until the rendezvous keeps it. */
  slot: number
}

export class Rendezvous {
  readonly #host: Host
  readonly #step = rendezvousStep()
  readonly #hash: KeyedHash
  readonly #bindings = new Map<Address, Binding>()
  readonly #slots = new TimedSlots<Binding>()
  readonly #frame = newFrame()

  /** Listens to the service on this host. Throws SAL_IN_USE. */
  constructor(host: Host, random: RandomSource) {
    this.#host = host
    const secret = new Uint8Array(SECRET_BYTES)
    random(secret)
    this.#hash = keyedHash(secret)
    host.attach(this)
    host.listen(prefixOfId(messages.RENDEZVOUS_SERVICE), {
      transport: () => undefined,
      onReady: () => {},
      onUnconnected: datagram => this.#hear(datagram),
    })
  }

  /** The number of remembered addresses. */
  get size(): number {
    return this.#bindings.size
  }

  /** Returns the machine's state for an address, or undefined if it is unknown. */
  about(home: Address): Readonly<RendezvousState> | undefined {
    return this.#bindings.get(home)?.state
  }

  nextTimeout(): number {
    return this.#slots.next()
  }

  /** Expires leases. */
  poll(now: number): void {
    if (this.#slots.next() > now) return
    for (const binding of this.#slots.due(now)) this.#take(binding, { type: 'EXPIRE' })
  }

  /** IPv4 only: a relayed packet names its sender in SOURCE, and bindings are for IPv4 addresses. */
  #hear(datagram: Unconnected): void {
    const { message, from } = datagram
    if (!isIPv4(from)) this.#host.counters.unsourced++
    else if (message[0] === messages.RELAY && message.length >= messages.RELAY_BYTES) this.#relay(datagram)
    else {
      const said = messages.decodeMessage(message)
      if (said?.kind === messages.BIND) this.#bind(datagram, said)
      else this.#host.counters.malformed++
    }
  }

  #bind(datagram: Unconnected, said: messages.Message): void {
    const { home, holder, version } = said
    const { high, low } = this.#tokenOf(home, holder)
    const isAtHome = datagram.from === home
    const proved = isAtHome && said.tokenHigh === high && said.tokenLow === low ? 1 : 0
    const binding = this.#bindings.get(home) ?? this.#fresh(home)
    const effect = this.#take(binding, { type: 'BIND', holder, version, address: datagram.from, proved })
    const about = { ...messages.NO_MESSAGE, version, home }
    switch (effect?.type) {
      case 'arm':
        this.#keep(binding)
        this.#answer(datagram, { ...about, kind: messages.BOUND, leaseMs: LEASE_MS })
        break
      case 'refuse':
        if (effect.params.reason === NOT_THE_HOLDER && isAtHome && proved === 0)
          this.#answer(datagram, { ...about, kind: messages.SHOW, tokenHigh: high, tokenLow: low })
        else {
          this.#host.counters.notBound++
          this.#answer(datagram, { ...about, kind: messages.REFUSED, reason: effect.params.reason })
        }
        break
      // An announcement always gets a verdict, and is no packet.
      case undefined:
      case 'relay':
      case 'drop':
        break
      default:
        none(effect)
    }
  }

  /** Relays the packet to its receiver's current address, with its sender and this host in SOURCE. */
  #relay({ message, from, to }: Unconnected): void {
    const { counters, packets } = this.#host
    const frame = this.#frame
    const isPacket = decodeFrame(message, messages.RELAY_BYTES, message.length, frame) === 0
    const kind = isPacket ? kindOf(frame) : -1
    if (kind < 0) {
      counters.malformed++
      return
    }
    const home = messages.homeOf(message)
    const binding = this.#bindings.get(home) ?? this.#fresh(home)
    const effect = this.#take(binding, { type: 'RELAY', kind, relayed: frame.sourceCount > 0 ? 1 : 0 })
    if (effect?.type === 'relay' && packets.forward(frame, from, to, effect.params.to, to)) counters.relayed++
    else counters.notRelayed++
  }

  /** Takes a step. Returns the effect that it asks for; no step asks for two. */
  #take(binding: Binding, event: RendezvousEvent): RendezvousEffect | undefined {
    const effects: RendezvousEffect[] = []
    this.#step.step(binding.state, event, effects, [])
    return effects[0]
  }

  /** Returns a binding without a holder; it is not stored. */
  #fresh(home: Address): Binding {
    return { home, state: this.#step.initial(), slot: -1 }
  }

  /** Renews its lease. If there are too many, evicts the one renewed longest ago. */
  #keep(binding: Binding): void {
    const { home } = binding
    if (!this.#bindings.delete(home)) {
      if (this.#bindings.size >= BINDINGS_LIMIT) this.#forget(must(this.#bindings.values().next().value))
      this.#slots.add(slot => Object.assign(binding, { slot }))
    }
    this.#bindings.set(home, binding)
    this.#slots.schedule(binding, this.#host.now + LEASE_MS)
  }

  #forget(binding: Binding): void {
    this.#bindings.delete(binding.home)
    this.#slots.remove(binding)
  }

  /** Returns a token that only a receiver at `home` can know, for this holder. */
  #tokenOf(home: Address, holder: number): Nonce {
    return this.#hash(home / 2 ** 32, home, holder / 2 ** 32, holder)
  }

  #answer({ from, to, service, source }: Unconnected, message: messages.Message): void {
    const answer = { from: to, to: from, service: source, source: service }
    this.#host.packets.add(encodeUnconnected({ ...answer, message: messages.encodeMessage(message) }))
  }
}
