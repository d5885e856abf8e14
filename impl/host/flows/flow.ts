/** One flow of a host: the machine's state, its nonces, and its transport. */

import type { FlowState } from '../../../spec/machines/flow/compiled.ts'
import { CONNECTION, MIGRATION } from '../../../spec/machines/flow/states.ts'
import { flowStep } from '../../../spec/machines/flow/step.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { read32 } from '../../../spec/wire/numbers.ts'
import { hold, isIPv6, release } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Transport, TransportDriver } from '../../transport/transport.ts'
import type { Connection } from '../connections/connection.ts'
import type { RandomSource } from '../random/random.ts'
import { Relayed } from '../relay/relayed.ts'
import { Challenges } from './challenges.ts'
import type { Listener } from './listener.ts'
import { type Nonce, OTHER_NONCE, OWN_NONCE, PEER_NONCE, PEER_TOKEN } from './nonces.ts'
import { Retransmission } from './rtt.ts'
import type { Seeker } from './seeker.ts'

const NO_SOURCES: readonly number[] = []
const NO_PINS: readonly Address[] = []

/** A flow behind an address translator, and the move that it has begun again. */
export class Translation {
  /** The version after that of the RSYN with which it began the move again. */
  departedAgain = -1
  /** How often it has begun that move again. */
  departures = 0
}

/** Hears of a flow. The host calls it while it works. */
export interface FlowUser {
  /** `notice`: a number of spec/machines/flow/notices.ts. */
  onNotice(notice: number, flow: Flow): void
  /** The peer has acknowledged this end's FIN. Called again when both ends have ended: then the flow only lingers. */
  wake?(): void
}

/** Notified when a flow may have something to send. */
export interface Waker {
  wake(flow: Flow): void
  /** The flows together are at their memory limit. */
  readonly isCrowded: boolean
}

/**
 * A host may have 100,000 flows, so each field counts (bench/idle.ts). Numbers of 32 bits are stored signed, because V8 allocates
 * an object for a number beyond 31 bits and for infinity.
 */
export class Flow implements TransportDriver {
  readonly #id: number
  /** Its index in the host, from which its timers get their numbers. */
  readonly slot: number
  /** The complete serviceID that it was opened for, also if a listener at a prefix accepted it. */
  readonly service: Uint8Array
  transport: Transport
  /** Registers and states, changed only by the machine's step. */
  readonly state: FlowState
  readonly retransmission: Retransmission
  readonly #waker: Waker
  readonly #nonceHigh: number
  readonly #nonceLow: number
  #peerNonceHigh = 0
  #peerNonceLow = 0
  #peerTokenHigh = 0
  #peerTokenLow = 0
  #peerKeyHigh = 0
  #peerKeyLow = 0
  /** The IPv6 addresses that it holds. */
  #pins = NO_PINS
  /** The listener that accepted it. */
  readonly listener: Listener | undefined
  /** Identifies its SYN at the listener. */
  readonly synKey: string

  /** For a flow that was opened through routers: the SYN's SOURCE, and this end's address. IPv4, 32 bits each. */
  sources: readonly number[] = NO_SOURCES

  /** Where its SYN goes; undefined if it goes to one address alone, and once it is answered. */
  seeker: Seeker | undefined

  /** The challenges of its moves; undefined before the first. */
  challenges: Challenges | undefined

  /** The connection, once it has, or may get, several flows. */
  belongsTo: Connection | undefined

  /** Whether data may leave now. */
  maySend = false
  /** The path of outgoing data; while none may leave, the last path. 0 before the first. */
  from: Address = 0
  to: Address = 0

  /**
   * Set if its SYN-ACK came through an address translator (NAT), which may forget the flow. Only a client knows: a server's
   * translator has a fixed mapping.
   */
  translation: Translation | undefined

  /** Set if it began through a relay. */
  relayed: Relayed | undefined

  /** True while on the host's list of flows that may have something to send. */
  waiting = false
  /** Bytes that its transport held when the host last checked. */
  buffered = 0
  #timeoutAt: number | undefined
  /** When the last packet that was valid in its state arrived, ms; NaN before the first. */
  heardAt = Number.NaN

  /** Undefined while nobody wants to hear of it: an ended flow keeps no user in memory. */
  user: FlowUser | undefined

  constructor(given: {
    id: number
    slot: number
    service: Uint8Array
    transport: Transport
    nonce: Nonce
    waker: Waker
    listener?: Listener | undefined
    synKey?: string
    seeker?: Seeker | undefined
  }) {
    this.#id = given.id | 0
    this.slot = given.slot
    this.service = given.service
    this.transport = given.transport
    this.#nonceHigh = given.nonce.high | 0
    this.#nonceLow = given.nonce.low | 0
    // A listener's timers follow those of its clients. The flowID is random and public: waits reveal no secret.
    this.retransmission = new Retransmission(given.listener === undefined ? given.id : undefined)
    this.seeker = given.seeker
    if (given.seeker !== undefined) this.retransmission.seek()
    this.#waker = given.waker
    this.listener = given.listener
    this.synKey = given.synKey ?? ''
    this.state = flowStep().initial()
  }

  /** Holds exactly the IPv6 addresses in its registers, so that no flood evicts them. Called only after control steps. */
  pin(): void {
    const { local, peer, nextLocal, nextPeer } = this.state
    if (this.#pins === NO_PINS && !isIPv6(peer) && !isIPv6(nextPeer)) return
    const pins = [local, peer, nextLocal, nextPeer].filter(isIPv6)
    // Holds the new addresses first, so that none already held is released in between.
    for (const address of pins) hold(address)
    this.unpin()
    this.#pins = pins
  }

  /** Releases its addresses: the flow is over. */
  unpin(): void {
    for (const address of this.#pins) release(address)
    this.#pins = NO_PINS
  }

  /** It began through a relay. Then a translator may be in between at either end. */
  carriedBy(relay: Address): void {
    this.relayed = new Relayed(relay)
    this.translation ??= new Translation()
  }

  get isTranslated(): boolean {
    return this.translation !== undefined
  }

  /** Its flowID, unsigned 32 bits. */
  get id(): number {
    return this.#id >>> 0
  }

  /** When the retransmission timer expires, ms; Infinity when it does not run. */
  get timeoutAt(): number {
    return this.#timeoutAt ?? Infinity
  }

  set timeoutAt(ms: number) {
    this.#timeoutAt = ms < Infinity ? ms : undefined
  }

  get isCrowded(): boolean {
    return this.#waker.isCrowded
  }

  /** Its transport has something to send. */
  wake(): void {
    this.#waker.wake(this)
  }

  get nonce(): Nonce {
    return { high: this.#nonceHigh >>> 0, low: this.#nonceLow >>> 0 }
  }

  /** The peer's nonce; 0 before it is known. */
  get peerNonce(): Nonce {
    return { high: this.#peerNonceHigh >>> 0, low: this.#peerNonceLow >>> 0 }
  }

  /** The peer's reset token; 0 before it is known. */
  get peerToken(): Nonce {
    return { high: this.#peerTokenHigh >>> 0, low: this.#peerTokenLow >>> 0 }
  }

  /** The peer's key of the connection that this flow opens; 0 if it has told none. */
  get peerKey(): Nonce {
    return { high: this.#peerKeyHigh >>> 0, low: this.#peerKeyLow >>> 0 }
  }

  /** Draws a challenge for the peer's newest address, or keeps the packet's. */
  takeChallenge(effect: 'challenge' | 'keep', packet: Frame | undefined, random: RandomSource): void {
    this.challenges ??= new Challenges()
    if (effect === 'challenge') this.challenges.draw(random)
    else if (packet !== undefined) this.challenges.keep(packet)
  }

  /** Stores the packet's nonce as the peer's. */
  learnNonce({ nonceHigh, nonceLow }: Frame): void {
    this.#peerNonceHigh = nonceHigh | 0
    this.#peerNonceLow = nonceLow | 0
  }

  /** Stores the reset token in the packet as the peer's. */
  learnToken({ bytes, token }: Frame): void {
    this.#peerTokenHigh = read32(bytes, token) | 0
    this.#peerTokenLow = read32(bytes, token + 4) | 0
  }

  /** Stores the key in the packet, if it has one. */
  learnKey({ bytes, key }: Frame): void {
    if (key < 0) return
    this.#peerKeyHigh = read32(bytes, key) | 0
    this.#peerKeyLow = read32(bytes, key + 4) | 0
  }

  /** Returns the machine's name for the packet's nonce. */
  nonceIn({ nonceHigh, nonceLow }: Frame): number {
    const high = nonceHigh | 0
    const low = nonceLow | 0
    if (this.state.peerNonce === PEER_NONCE && high === this.#peerNonceHigh && low === this.#peerNonceLow)
      return PEER_NONCE
    if (high === this.#nonceHigh && low === this.#nonceLow) return OWN_NONCE
    const isToken =
      this.state.peerToken === PEER_TOKEN && high === this.#peerTokenHigh && low === this.#peerTokenLow
    return isToken ? PEER_TOKEN : OTHER_NONCE
  }

  get connection(): number {
    return this.state.connection
  }

  get migration(): number {
    return this.state.migration
  }

  /** This end's current address. */
  get local(): Address {
    return this.state.local
  }

  /** The peer's address, proved. */
  get peer(): Address {
    return this.state.peer
  }

  get isClosed(): boolean {
    return this.connection === CONNECTION.CLOSED
  }

  /** True after the handshake and before the end: the flow may move. */
  get isLive(): boolean {
    return this.connection >= CONNECTION.CONNECTED && this.connection <= CONNECTION.LASTACK
  }

  get isMoving(): boolean {
    return this.migration === MIGRATION.RSYN_SENT || this.migration === MIGRATION.RSYN_SENT_RECV
  }
}
