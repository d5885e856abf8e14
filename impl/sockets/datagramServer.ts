/**
 * Receives messages for a service, or for all services of a prefix: those of flows, each of which is a peer, and those
 * without a connection.
 */

import { must } from '../../checker/text/at.ts'
import { PROTOCOL_DATAGRAM } from '../../spec/wire/format.ts'
import type { Flow } from '../host/flows/flow.ts'
import type { Listener } from '../host/flows/listener.ts'
import {
  encodeUnconnected,
  FORWARDING_BYTES,
  UNCONNECTED_BYTES,
  type Unconnected,
} from '../host/paths/unconnected.ts'
import type { ServicePrefix } from '../host/services/serviceId.ts'
import type { DatagramTransport } from '../transport/datagram.ts'
import type { BothEnds } from './ends.ts'
import { socketError } from './errors.ts'
import { type FlowOptions, share } from './flowOptions.ts'
import { Handle } from './handle.ts'
import type { PathChange } from './handleOwner.ts'
import { lacksKey, Prover } from './proving.ts'
import { type Service, serviceOf } from './services.ts'
import type { Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'
import { newDatagrams } from './transports.ts'

export type Peer = Handle<DatagramTransport>

/** The most peers. A flow of datagrams ends only when its peer ends it, and a peer that has disappeared never will. */
export const PEERS_LIMIT = 4096

/**
 * The most messages without a connection that wait for the application in one turn. Like a full socket buffer, it drops
 * more.
 */
const WAITING_LIMIT = 1024

/** Receives messages and peers. */
export interface Hearer {
  message(bytes: Buffer, peer: Peer): void
  unconnected(datagram: Unconnected): void
  moved(change: PathChange): void
  /** A flow was reset, because the stack lacks the service's key. */
  dropped(ends: BothEnds): void
}

export interface ServerOptions extends FlowOptions {
  /** The most peers. Default 4096. */
  readonly maxPeers?: number | undefined
}

export class DatagramServer {
  readonly prefix: ServicePrefix
  /** By the flowID of their first flow, in the order in which peers were last heard. */
  readonly peers = new Map<number, Peer>()
  readonly #stack: Stack
  readonly #hearer: Hearer
  readonly #maxPeers: number
  readonly #flowOptions: FlowOptions
  readonly #listener: Listener
  #waiting: Unconnected[] = []
  #isHolding = false
  #name: Service | undefined

  /** Throws SAL_IN_USE. */
  constructor(stack: Stack, prefix: ServicePrefix, { maxPeers, ...flows }: ServerOptions, hearer: Hearer) {
    this.prefix = prefix
    this.#stack = stack
    this.#hearer = hearer
    this.#maxPeers = maxPeers ?? PEERS_LIMIT
    this.#flowOptions = flows
    const work = { isDue: false, run: () => this.#work() }
    this.#listener = stack.host.listen(prefix, {
      transport: protocol => (protocol === PROTOCOL_DATAGRAM ? newDatagrams(stack.packetBytes) : undefined),
      onReady: () => stack.driver.put(work),
      onUnconnected: datagram => {
        if (this.#waiting.length < WAITING_LIMIT) this.#waiting.push(datagram)
        stack.driver.put(work)
      },
    })
    stack.flowSets?.serve(this.#listener, flows.flows ?? stack.flowOptions.flows)
    this.hold(true)
  }

  /**
   * Sends a message without a connection once the destination is known. It names `source` as the service to answer to.
   * Throws EMSGSIZE, LINK_ADDRESS; reports the errors of `find`.
   */
  send(
    message: Uint8Array,
    route: Route,
    sent: (error?: Error) => void,
    source: Uint8Array = this.prefix.id,
  ): void {
    const { host, driver, packetBytes } = this.#stack
    if (message.length > packetBytes - UNCONNECTED_BYTES - FORWARDING_BYTES)
      throw socketError('EMSGSIZE', 'send')
    const service = serviceOf(route.service)
    this.#stack.find(route, 'send', (error, { from, to }) => {
      if (error === undefined) host.packets.add(encodeUnconnected({ from, to, service, source, message }))
      driver.kick()
      sent(error)
    })
  }

  /** Announces this name to controllers until the server is closed. */
  offer(name: Service): void {
    this.#name = name
    this.#stack.offers.set(name, true)
  }

  /** Sets whether it keeps the process alive. */
  hold(isHolding: boolean): void {
    if (isHolding === this.#isHolding) return
    this.#isHolding = isHolding
    for (const peer of this.peers.values()) peer.hold(isHolding)
    if (isHolding) this.#stack.driver.hold()
    else this.#stack.driver.release()
  }

  close(): void {
    const { host, driver } = this.#stack
    if (this.#name !== undefined) this.#stack.offers.set(this.#name, false)
    host.unlisten(this.#listener, driver.now())
    driver.kick()
    for (const peer of [...this.peers.values()]) peer.leave()
    this.peers.clear()
    this.hold(false)
  }

  #work(): void {
    for (;;) {
      const flow = this.#listener.isOpen ? this.#stack.host.accept(this.#listener) : undefined
      if (flow === undefined) break
      if (lacksKey(this.#stack.keys, flow)) this.#refuse(flow)
      else this.#add(flow)
    }
    const waiting = this.#waiting
    this.#waiting = []
    for (const datagram of waiting) this.#hearer.unconnected(datagram)
  }

  #refuse(flow: Flow): void {
    const transport = flow.transport as DatagramTransport
    const refused: Peer = new Handle(this.#stack.driver, flow, transport)
    // Destroys the client's question: unread, it would turn the end into a reset.
    transport.destroy()
    refused.leave()
    this.#hearer.dropped(refused)
  }

  #add(flow: Flow): void {
    const transport = flow.transport as DatagramTransport
    const key = this.#stack.keys.of(flow.service)
    const prover = key && new Prover(flow, key)
    const peer: Peer = new Handle(this.#stack.driver, flow, transport, {
      connected: () => {},
      ready: () => this.#read(peer, prover),
      closed: () => this.#forget(peer),
      moved: change => this.#hearer.moved(change),
    })
    this.#stack.own(peer)
    peer.hold(this.#isHolding)
    // A flowID can come again while the connection that it began goes on over others.
    const former = this.peers.get(flow.id)
    if (former !== undefined) this.#drop(former)
    this.peers.set(flow.id, peer)
    share(peer, this.#flowOptions, this.#stack)
    if (this.peers.size > this.#maxPeers) this.#drop(must(this.peers.values().next().value))
    this.#read(peer, prover)
  }

  #read(peer: Peer, prover: Prover | undefined): void {
    const { transport, firstFlow } = peer
    let bytes = transport.read()
    if (bytes !== undefined && this.peers.delete(firstFlow)) this.peers.set(firstFlow, peer)
    for (; bytes !== undefined; bytes = transport.read())
      if (!prover?.takes(bytes))
        this.#hearer.message(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), peer)
    if (peer.isPeerGone) this.#drop(peer)
  }

  #drop(peer: Peer): void {
    this.#forget(peer)
    peer.leave()
  }

  #forget(peer: Peer): void {
    if (this.peers.get(peer.firstFlow) === peer) this.peers.delete(peer.firstFlow)
  }
}
