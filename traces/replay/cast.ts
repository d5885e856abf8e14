/**
 * Hosts, flows and listeners of the real stack that play the flow slots of a model. The replay performs what the model leaves
 * to its environment: it fires timers, ends transports and delivers packets.
 */

import { must } from '../../checker/text/at.ts'
import { LINGER, RETRANSMIT, TIMERS_PER_FLOW } from '../../impl/host/flows/engine.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Listener } from '../../impl/host/flows/listener.ts'
import { PEER_TOKEN } from '../../impl/host/flows/nonces.ts'
import { Host } from '../../impl/host/host.ts'
import { prefixOfId, serviceIdOf } from '../../impl/host/services/serviceId.ts'
import type { Datagram } from '../../impl/link/link.ts'
import { OWES_CONTROL } from '../../spec/machines/flow/registers.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { type FlowSlot, ROLE } from '../../spec/worlds/flow/state.ts'
import { type Dictionary, realAddress, realVersion } from './dictionary.ts'
import { Puppet } from './puppet.ts'
import { Script } from './script.ts'

export const SERVICE = serviceIdOf('model/service')
const PREFIX = prefixOfId(SERVICE)
const DROP = { kind: 'drop' } as const
/** Priority and weight of a rule that yields to every other rule. */
const LEAST = 1
/** Time stands still: the replay fires the timers. */
const NOW = 0
/** More than the steps of any trace, so that no host gives up or reaches its rate limit by itself. */
const PLENTY = 100_000
const PACKET_BYTES = 256

/** The host, flow or listener that plays a flow slot. */
interface Player {
  readonly slot: FlowSlot
  readonly host: Host
  flow: Flow | undefined
}

export class Cast {
  readonly players: readonly Player[]
  readonly #dictionary: Dictionary
  readonly #hosts = new Map<number, Host>()
  readonly #scripts = new Map<number, Script>()
  readonly #listeners = new Map<Host, Listener>()
  readonly #backlog: number
  readonly #space: number

  /** With `backlog` 0, each server listens from the start, for one flow. */
  constructor(
    slots: readonly FlowSlot[],
    dictionary: Dictionary,
    backlog: number,
    space: number,
    isJoining = false,
  ) {
    this.#dictionary = dictionary
    this.#backlog = backlog
    this.#space = space
    this.players = slots.map(slot => ({ slot, host: this.#hostOf(slot), flow: undefined }))
    // A listener keeps state for a SYN only while its backlog and its queue have room for two.
    if (backlog === 0 && !isJoining)
      for (const { slot, host } of this.players) if (slot.role === ROLE.CHILD) this.#listen(host, 2)
  }

  hostAt(number: number): Host | undefined {
    return this.#hosts.get(number)
  }

  hosts(): Host[] {
    return [...this.#hosts.values()]
  }

  /** Returns the datagrams that the hosts want to send, in order. */
  flush(): Datagram[] {
    return [...this.#hosts.values()].flatMap(host => [...host.flush(NOW)])
  }

  /** Listens for one flow. */
  listenOnce(host: Host): Listener {
    this.#listen(host, 2)
    return must(this.#listeners.get(host))
  }

  script(host: Host): Script {
    const number = must([...this.#hosts].find(([, one]) => one === host))[0]
    return must(this.#scripts.get(number))
  }

  listenerOf(player: Player): Listener | undefined {
    return this.#listeners.get(player.host)
  }

  listen(player: Player): void {
    this.#listen(player.host, this.#backlog)
  }

  /** Opens a flow, unless it has `begun`. */
  connect(player: Player, flow: number, begun?: Flow): void {
    const { slot, host } = player
    if (begun === undefined) this.announce(slot, flow)
    const transport = new Puppet()
    const [via, from] = [realAddress(slot.target), realAddress(slot.home)]
    player.flow = begun ?? host.connect({ service: SERVICE, transport, via, from }, NOW)
    this.#dictionary.learn(player.flow.nonce, slot.nonce)
  }

  /**
   * Delivers a packet to a host. `begins` names the slot whose flow this packet starts in the model, and that flow's flowID.
   * Without `begins`, a host that starts a flow anyway gets no flowID for it, and throws.
   */
  deliver(
    number: number,
    datagram: Datagram,
    begins?: { readonly player: Player; readonly flow: number },
  ): void {
    const host = this.#hosts.get(number)
    if (host === undefined) return
    if (begins) this.announce(begins.player.slot, begins.flow)
    const known = new Set(host.flows())
    host.receive([{ ...datagram, bytes: datagram.bytes.slice() }], NOW)
    const flow = host.flows().find(other => !known.has(other))
    if (!begins || flow === undefined) return
    begins.player.flow = flow
    this.#dictionary.learn(flow.nonce, begins.player.slot.nonce)
  }

  /** A flow's reset token follows from both flowIDs: it is the model's for that part. */
  learnTokens(): void {
    for (const { slot, host, flow } of this.players)
      if (slot.token > 0 && flow !== undefined && flow.state.peerFlow > 0)
        this.#dictionary.learn(host.tokenOf(flow.id, flow.state.peerFlow), slot.token)
  }

  /**
   * The flow's host restarts, as far as this flow can tell: it has never issued the flowID, and only the reset token speaks
   * for it.
   */
  restart({ slot, host, flow }: Player): void {
    const { id, state } = must(flow)
    const gone = { connection: CONNECTION.CLOSED, localFlow: id, localNonce: PEER_TOKEN }
    host.forget(must(flow))
    must(this.#scripts.get(slot.host)).forget(id)
    Object.assign(state, flowStep().initial(), gone)
  }

  close(player: Player): void {
    const { host, flow } = player
    if (flow === undefined) return
    if (flow.connection <= CONNECTION.RESPOND) host.finish(flow, NOW)
    else (flow.transport as Puppet).end()
  }

  say(player: Player, number: number): void {
    ;(player.flow?.transport as Puppet | undefined)?.say(number)
  }

  move(player: Player, address: number): void {
    player.host.migrate(must(player.flow), realAddress(address), NOW)
  }

  abort(player: Player): void {
    player.host.abort(must(player.flow), NOW)
  }

  /** Fires the retransmission timer, for the last time if `givesUp`. Returns false if it does not run. */
  timeOut({ flow, host }: Player, givesUp: boolean): boolean {
    if (flow === undefined || flow.timeoutAt === Number.POSITIVE_INFINITY) return false
    // The model chooses when a client announces itself.
    flow.translation = undefined
    while (givesUp && flow.retransmission.expired(host.limits.tries)) {}
    this.#fire(host, flow, RETRANSMIT)
    return true
  }

  expire({ flow, host }: Player): void {
    if (flow !== undefined) this.#fire(host, flow, LINGER)
  }

  /** The timer fires for the last time, if the peer owes an answer. */
  giveUpPeer(player: Player): void {
    if (((player.flow?.state.owed ?? 0) & OWES_CONTROL) === 0) return
    const limits: { tries: number } = player.host.limits
    limits.tries = 1
    this.expire(player)
    limits.tries = PLENTY
  }

  accept(player: Player): void {
    const listener = this.#listeners.get(player.host)
    if (listener) player.host.accept(listener)
  }

  /** Closes the listener only. The model ends handshakes in progress one by one, by choices of its own. */
  shut(host: Host): void {
    const listener = this.#listeners.get(host)
    if (listener === undefined) return
    const made = [...host.bySyn]
    host.bySyn.clear()
    listener.ready.length = 0
    host.unlisten(listener, NOW)
    host.services.remove(PREFIX, DROP)
    for (const [key, flow] of made) host.bySyn.set(key, flow)
  }

  /** Closes each listener without a backlog whose one flow has ended. */
  retire(): void {
    if (this.#backlog > 0) return
    for (const { flow, host } of this.players) if (flow?.listener && flow.isClosed) this.shut(host)
  }

  #hostOf(slot: FlowSlot): Host {
    const known = this.#hosts.get(slot.host)
    if (known) return known
    const script = new Script(slot.host + 1)
    const host = new Host({
      random: script.source,
      flowIds: script.flowIds,
      packetBytes: PACKET_BYTES,
      offers: slot.offers,
      limits: { tries: PLENTY, moveTries: PLENTY, strangersPerSecond: PLENTY, strangersAtOnce: PLENTY },
    })
    // Until a socket listens, the host of a model drops SYNs silently.
    host.services.add(PREFIX, DROP, LEAST, LEAST)
    host.setAddresses(slot.addresses.map(realAddress))
    this.#hosts.set(slot.host, host)
    this.#scripts.set(slot.host, script)
    return host
  }

  #listen(host: Host, backlog: number): void {
    const options = { backlog, queue: backlog, transport: () => new Puppet(), onReady: () => {} }
    this.#listeners.set(host, host.listen(PREFIX, options))
  }

  /** Sets the flowID and the first version of the host's next flow. */
  announce(slot: FlowSlot, flow: number): void {
    must(this.#scripts.get(slot.host)).write(flow, realVersion(slot.iss, this.#space))
  }

  #fire(host: Host, flow: Flow, which: number): void {
    host.timers.schedule(flow.slot * TIMERS_PER_FLOW + which, NOW)
    host.poll(NOW)
  }
}
