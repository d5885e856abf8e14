/**
 * Announces this host's address to a rendezvous, as long as a peer may still use one of its old addresses. Also sends
 * retransmissions of moves there, because the peer may have moved as well.
 */

import { must } from '../../../checker/text/at.ts'
import { Latest } from '../../../checker/text/latest.ts'
import { isIPv4, printAddress } from '../../link/address.ts'
import { LinkError } from '../../link/errors.ts'
import type { Address, Datagram } from '../../link/link.ts'
import type { Listener } from '../flows/listener.ts'
import type { Host } from '../host.ts'
import { encodeUnconnected, type Unconnected } from '../paths/unconnected.ts'
import { type RandomSource, randomUint32 } from '../random/random.ts'
import { prefixOfId, SERVICE_BYTES } from '../services/serviceId.ts'
import * as messages from './messages.ts'

/** The most announced addresses of this host, present and past. */
const HOMES_LIMIT = 64

/** The wait before an unanswered announcement is repeated, doubled each time, ms. */
const LEAST_WAIT_MS = 250
const MOST_WAIT_MS = 8000
/** How often a lease is renewed before it ends. */
const RENEWALS = 3
const HOLDER_BITS = 16

interface Home {
  readonly address: Address
  version: number
  /** The host's address in the last announcement; 0 before the first. */
  at: Address
  tokenHigh: number
  tokenLow: number
  waitMs: number
  dueMs: number
}

export class Announcer {
  readonly #host: Host
  readonly #rendezvous: Address
  /** The service to which answers are sent. */
  readonly #service = new Uint8Array(SERVICE_BYTES)
  readonly #answers: Listener
  readonly #holder: number
  readonly #homes = new Latest<Address, Home>(HOMES_LIMIT)

  /**
   * From now on accepts packets that come through `rendezvous`, and sends retransmissions of moves there. Throws
   * LINK_ADDRESS for IPv6.
   */
  constructor(host: Host, rendezvous: Address, random: RandomSource) {
    if (!isIPv4(rendezvous))
      throw new LinkError(
        'LINK_ADDRESS',
        `a rendezvous needs an IPv4 address, and ${printAddress(rendezvous)} is none; give its IPv4 address`,
      )
    this.#host = host
    this.#rendezvous = rendezvous
    random(this.#service)
    // 0 means no holder.
    this.#holder = (randomUint32(random) >>> (32 - HOLDER_BITS)) * 2 ** 32 + randomUint32(random) || 1
    host.attach(this)
    host.places.rendezvous = rendezvous
    host.onRepeated = question => this.#repeat(question)
    this.#answers = host.listen(prefixOfId(this.#service), {
      transport: () => undefined,
      onReady: () => {},
      onUnconnected: datagram => this.#hear(datagram),
    })
  }

  /** True if the rendezvous knows this host's address, for each address that it had. */
  get isKnown(): boolean {
    return (
      this.#homes.size > 0 && [...this.#homes.values()].every(({ waitMs, at }) => waitMs === 0 && at !== 0)
    )
  }

  /** The host's addresses have changed. */
  follow(now: number): void {
    const { own } = this.#host.places
    for (const address of own) if (isIPv4(address) && !this.#homes.has(address)) this.#add(address)
    for (const home of this.#homes.values()) {
      const at = own.includes(home.address) ? home.address : this.#host.places.towards(this.#rendezvous)
      if (at === home.at || at === 0) continue
      home.at = at
      home.version++
      this.#begin(home, now)
    }
  }

  /** Announces and repeats nothing any more: the leases expire. */
  close(now: number): void {
    this.#homes.clear()
    this.#host.onRepeated = undefined
    this.#host.unlisten(this.#answers, now)
  }

  nextTimeout(): number {
    let next = Infinity
    for (const { dueMs } of this.#homes.values()) next = Math.min(next, dueMs)
    return next
  }

  /** Repeats announcements, and renews leases. */
  poll(now: number): void {
    for (const home of this.#homes.values()) {
      if (home.dueMs > now) continue
      // A former address is no longer needed once no flow can have used it.
      if (home.at !== home.address && this.#host.flowCount === 0) this.#homes.delete(home.address)
      else if (home.waitMs === 0) this.#begin(home, now)
      else this.#announce(home, now)
    }
  }

  #add(address: Address): void {
    const none = { version: 0, at: 0, tokenHigh: 0, tokenLow: 0, waitMs: 0, dueMs: Infinity }
    this.#homes.set(address, { address, ...none })
  }

  #begin(home: Home, now: number): void {
    home.waitMs = LEAST_WAIT_MS
    this.#announce(home, now)
  }

  #announce(home: Home, now: number): void {
    const { address, at, version, tokenHigh, tokenLow } = home
    home.dueMs = now + home.waitMs
    home.waitMs = Math.min(2 * home.waitMs, MOST_WAIT_MS)
    const about = {
      ...messages.NO_MESSAGE,
      version,
      holder: this.#holder,
      home: address,
      tokenHigh,
      tokenLow,
    }
    this.#send(at, messages.encodeMessage({ ...about, kind: messages.BIND }))
  }

  #hear({ from, message }: Unconnected): void {
    const said = messages.decodeMessage(message)
    const home = said && this.#homes.get(said.home)
    if (from !== this.#rendezvous || home === undefined || must(said).version !== home.version) {
      this.#host.counters.ignored++
      return
    }
    const { now } = this.#host
    if (must(said).kind === messages.SHOW) {
      home.tokenHigh = must(said).tokenHigh
      home.tokenLow = must(said).tokenLow
      if (home.at === home.address) this.#begin(home, now)
    } else if (must(said).kind === messages.BOUND) this.#rest(home, now + must(said).leaseMs / RENEWALS)
    else if (must(said).kind === messages.REFUSED) home.waitMs = MOST_WAIT_MS
  }

  #rest(home: Home, dueMs: number): void {
    home.waitMs = 0
    home.dueMs = dueMs
  }

  /** The peer may have left the packet's destination. */
  #repeat({ from, to, bytes }: Datagram): void {
    if (isIPv4(from) && isIPv4(to)) this.#send(from, messages.encodeRelay(to, bytes))
  }

  #send(from: Address, message: Uint8Array): void {
    const [to, service, source] = [this.#rendezvous, messages.RENDEZVOUS_SERVICE, this.#service]
    this.#host.packets.add(encodeUnconnected({ from, to, service, source, message }))
  }
}
