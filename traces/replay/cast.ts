/**
 * The hosts, flows and listeners that play the flow slots of a model: real ones, of the stack. What the model leaves to the
 * environment is done by hand here: timers fire when told, transports end when told, packets go where told.
 */

import { must } from '../../checker/text/at.ts'
import { LINGER, RETRANSMIT, TIMERS_PER_FLOW } from '../../impl/host/flows/engine.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Listener } from '../../impl/host/flows/listener.ts'
import { Host } from '../../impl/host/host.ts'
import { prefixOfId, serviceIdOf } from '../../impl/host/services/serviceId.ts'
import type { Datagram } from '../../impl/link/link.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { type FlowSlot, ROLE } from '../../spec/worlds/flow/state.ts'
import { type Dictionary, realAddress, realVersion } from './dictionary.ts'
import { Puppet } from './puppet.ts'
import { Script } from './script.ts'

export const SERVICE = serviceIdOf('model/service')
const PREFIX = prefixOfId(SERVICE)
const DROP = { kind: 'drop' } as const
/** Priority and weight of a rule that any other comes before. */
const LEAST = 1
/** Time stands still: what a timer would do at its time is done by hand. */
const NOW = 0
/** More than any trace has steps: hosts neither give up nor fall silent by themselves. */
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

  /** `backlog` 0: servers listen by themselves, each for one flow. */
  constructor(slots: readonly FlowSlot[], dictionary: Dictionary, backlog: number, space: number) {
    this.#dictionary = dictionary
    this.#backlog = backlog
    this.#space = space
    this.players = slots.map(slot => ({ slot, host: this.#hostOf(slot), flow: undefined }))
    // A listener keeps a SYN only while its backlog and its queue have room for two.
    if (backlog === 0)
      for (const { slot, host } of this.players) if (slot.role === ROLE.CHILD) this.#listen(host, 2)
  }

  hostAt(number: number): Host | undefined {
    return this.#hosts.get(number)
  }

  hosts(): Host[] {
    return [...this.#hosts.values()]
  }

  /** Returns the datagrams that the hosts have to send, in order. */
  flush(): Datagram[] {
    return [...this.#hosts.values()].flatMap(host => [...host.flush(NOW)])
  }

  listenerOf(player: Player): Listener | undefined {
    return this.#listeners.get(player.host)
  }

  listen(player: Player): void {
    this.#listen(player.host, this.#backlog)
  }

  connect(player: Player, flow: number): void {
    const { slot, host } = player
    this.#announce(slot, flow)
    const transport = new Puppet()
    const [via, from] = [realAddress(slot.target), realAddress(slot.home)]
    player.flow = host.connect({ service: SERVICE, transport, via, from }, NOW)
    this.#dictionary.learn(player.flow.nonce, slot.nonce)
  }

  /**
   * A packet reaches a host. `begins` is the slot whose flow the model begins with it, and that flow's flowID; without
   * one, a host that begins a flow all the same is refused it.
   */
  deliver(
    number: number,
    datagram: Datagram,
    begins?: { readonly player: Player; readonly flow: number },
  ): void {
    const host = this.#hosts.get(number)
    if (host === undefined) return
    if (begins) this.#announce(begins.player.slot, begins.flow)
    const known = new Set(host.flows())
    host.receive([{ ...datagram, bytes: datagram.bytes.slice() }], NOW)
    const flow = host.flows().find(other => !known.has(other))
    if (!begins || flow === undefined) return
    begins.player.flow = flow
    this.#dictionary.learn(flow.nonce, begins.player.slot.nonce)
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

  /** The retransmission timer, for the last time if `givesUp`. False: it does not run. */
  timeOut({ flow, host }: Player, givesUp: boolean): boolean {
    if (flow === undefined || flow.timeoutAt === Number.POSITIVE_INFINITY) return false
    while (givesUp && flow.retransmission.expired(host.limits.tries)) {}
    this.#fire(host, flow, RETRANSMIT)
    return true
  }

  expire({ flow, host }: Player): void {
    if (flow !== undefined) this.#fire(host, flow, LINGER)
  }

  accept(player: Player): void {
    const listener = this.#listeners.get(player.host)
    if (listener) player.host.accept(listener)
  }

  /** The listener alone goes: what becomes of handshakes in progress is the model's to choose, one by one. */
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

  /** A server that listens by itself does so for one flow: when that is over, nobody listens. */
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
      limits: { tries: PLENTY, strangersPerSecond: PLENTY, strangersAtOnce: PLENTY },
    })
    // Before somebody listens, a model's host knows the service and says nothing.
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

  /** What the next flow of a host is to be called, and its first version. */
  #announce(slot: FlowSlot, flow: number): void {
    must(this.#scripts.get(slot.host)).write(flow, realVersion(slot.iss, this.#space))
  }

  #fire(host: Host, flow: Flow, which: number): void {
    host.timers.schedule(flow.slot * TIMERS_PER_FLOW + which, NOW)
    host.poll(NOW)
  }
}
