/** The two real hosts that play the ends of the model `flows`, and the flows of their connection. */
import { at, must } from '../../../checker/text/at.ts'
import type { Connection, FlowsOwner } from '../../../impl/host/connections/connection.ts'
import { SalError } from '../../../impl/host/errors.ts'
import { LINGER, RETRANSMIT, TIMERS_PER_FLOW } from '../../../impl/host/flows/engine.ts'
import type { Flow } from '../../../impl/host/flows/flow.ts'
import { Host } from '../../../impl/host/host.ts'
import { prefixOfId } from '../../../impl/host/services/serviceId.ts'
import type { Datagram } from '../../../impl/link/link.ts'
import type { ConnectionEvent } from '../../../spec/machines/connection/events.ts'
import { SEVERAL_FLOWS } from '../../../spec/machines/flow/capabilities.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { FLOWS } from '../../../spec/worlds/flows/state.ts'
import { SERVICE } from '../cast.ts'
import { realAddress } from '../dictionary.ts'
import { Script } from '../script.ts'
import { Prober } from './prober.ts'

/** The addresses of both ends, and one that each may have too. */
export const HOMES = [realAddress(1), realAddress(2)] as const
export const FURTHER = [realAddress(3), realAddress(4)] as const

/** The flowIDs of each flow at both ends. */
export const FLOW_IDS = [
  [101, 102],
  [111, 112],
  [121, 122],
] as const

/**
 * The first version of each flow. A RST that answers data has the version 0, which is then newer than the flow's: an end believes it at
 * once, as the model does, and does not challenge it.
 */
const FIRST_VERSION = 0xf000_0000

const PLENTY = 100_000
const PACKET_BYTES = 512
const PREFIX = prefixOfId(SERVICE)
/** A second between two steps, so that no rate limit shows. The replay fires the timers. */
const STEP_MS = 1000

export class Ends {
  readonly hosts: readonly [Host, Host]
  readonly connections: readonly Connection[]
  /** The flows of each end by the model's numbers, also those that have ended. */
  readonly flows: (Flow | undefined)[][] = [[], []]
  /** Whether the host has told each end's owner that a flow is a backup. */
  readonly backups = new Map<Flow, boolean>()
  readonly #scripts = [new Script(1), new Script(2)]
  readonly #hasClosed = [false, false]
  #thrown: string | undefined
  #now = 0

  constructor() {
    const hosts = [this.#host(0), this.#host(1)] as const
    this.hosts = hosts
    const [opener, accepter] = hosts
    const transport = () => new Prober()
    const listener = accepter.listen(PREFIX, { backlog: 2, queue: 2, transport, onReady: () => {} })
    for (const e of [0, 1]) this.announce(e, 0)
    const [from, via] = HOMES
    const first = opener.connect({ service: SERVICE, transport: new Prober(), via, from }, 0)
    for (let i = 0; i < 3; i++) {
      accepter.receive(copies(opener.flush(0)), 0)
      opener.receive(copies(accepter.flush(0)), 0)
    }
    const accepted = must(accepter.accept(listener))
    this.flows = [[first], [accepted]]
    this.connections = [opener.connections.need(first, 0), accepter.connections.need(accepted, 0)]
  }

  /** Describes an error that a host has thrown, or a packet that it could not read. No step of the model causes either. */
  get fault(): string | undefined {
    const unread = this.hosts.some(({ counters }) => counters.malformed + counters.corrupt > 0)
    return this.#thrown ?? (unread ? 'a packet is malformed' : undefined)
  }

  flow(e: number, f: number): Flow | undefined {
    return at(this.flows, e)[f]
  }

  /** Sets the flowID and the version of this end's next flow. */
  announce(e: number, f: number): void {
    at(this.#scripts, e).write(at(at(FLOW_IDS, f), e), FIRST_VERSION)
  }

  /** Joins with the flow that this end may add. */
  add(e: number, isBackup: boolean): void {
    const { host, connection } = this.#end(e)
    this.announce(e, e + 1)
    const [from, to] = [at(HOMES, e), at(HOMES, 1 - e)]
    ignoringRefusal(() => host.connections.join(must(connection.flows[0]), { from, to, isBackup }, this.#now))
    this.#find(e)
  }

  receive(e: number, datagram: Datagram): void {
    at(this.hosts, e).receive(copies([datagram]), this.#now)
    this.#find(e)
  }

  /** Steps the connection, as its application does. Its transports have delivered everything before it closes. */
  step(e: number, event: ConnectionEvent): void {
    const { host, connection } = this.#end(e)
    if (event.type === 'CLOSE') {
      this.#hasClosed[e] = true
      for (const flow of connection.flows) prober(flow).finished = true
    }
    host.connections.step(connection, event, this.#now)
  }

  mark(e: number, f: number, isBackup: boolean): void {
    at(this.hosts, e).connections.mark(must(this.flow(e, f)), isBackup, this.#now)
  }

  /** Returns false if the host refuses to remove the flow. */
  remove(e: number, f: number): boolean {
    return ignoringRefusal(() => at(this.hosts, e).connections.remove(must(this.flow(e, f)), this.#now))
  }

  keep(e: number, f: number): void {
    at(this.hosts, e).connections.keep([must(this.flow(e, f))], this.#now)
  }

  change(e: number, place: number): void {
    const { host, connection } = this.#end(e)
    host.setAddresses(place === 0 ? [at(HOMES, e)] : [at(HOMES, e), at(FURTHER, e)])
    host.connections.advertise(must(connection.flows[0]), this.#now)
  }

  say(e: number, f: number, what: number): void {
    prober(must(this.flow(e, f))).say(what)
  }

  /** Fires the timer by which the flow repeats its packet. Returns false if none runs. */
  timeOut(e: number, f: number): boolean {
    const flow = must(this.flow(e, f))
    // The peer has acknowledged the FIN, which the model does not show. The end asks by it after a while.
    if (flow.connection === CONNECTION.FINWAIT2 && flow.state.owed === 0) this.#fire(e, flow, LINGER)
    else if (flow.timeoutAt < Number.POSITIVE_INFINITY) this.#fire(e, flow, RETRANSMIT)
    else return false
    return true
  }

  /** Gives the flow up: its timer has fired in vain, or its transport finds that nothing answers. */
  giveUp(e: number, f: number): void {
    const host = at(this.hosts, e)
    const flow = must(this.flow(e, f))
    const { connection, FINWAIT2, CLOSEWAIT, CONNECTED } = { ...CONNECTION, connection: flow.connection }
    if (connection === CONNECTED || connection === CLOSEWAIT || connection === FINWAIT2)
      host.connections.end(flow, this.#now)
    else {
      while (flow.retransmission.expired(host.limits.tries)) {}
      this.#fire(e, flow, RETRANSMIT)
    }
  }

  retry(e: number): void {
    at(this.connections, e).retryAt = this.#now
    at(this.hosts, e).poll(this.#now)
  }

  /** TIME-WAIT is over. */
  expire(e: number, f: number): void {
    const flow = must(this.flow(e, f))
    if (flow.connection === CONNECTION.TIMEWAIT) this.#fire(e, flow, LINGER)
  }

  /** Sets the flows on which this end sends what it advertises. */
  prefer(e: number, preferred: readonly number[]): void {
    at(this.connections, e).sent = 0
    for (const f of FLOWS) {
      const transport = this.flow(e, f)?.transport
      if (transport instanceof Prober) transport.timeouts = preferred.includes(f) ? 0 : 1
    }
  }

  /** Returns what this end sends now, and stops its timers. */
  flush(e: number): Datagram[] {
    const { host, connection } = this.#end(e)
    const sent = copies(host.flush(this.#now))
    for (const { slot } of host.flows())
      for (let i = 0; i < TIMERS_PER_FLOW; i++) host.timers.cancel(slot * TIMERS_PER_FLOW + i)
    connection.retryAt = Number.POSITIVE_INFINITY
    return sent
  }

  tick(): void {
    this.#now += STEP_MS
  }

  /** Finds a flow that has begun. */
  #find(e: number): void {
    for (const f of FLOWS) at(this.flows, e)[f] ??= at(this.hosts, e).flowById(at(at(FLOW_IDS, f), e))
  }

  #end(e: number) {
    return { host: at(this.hosts, e), connection: at(this.connections, e) }
  }

  #fire(e: number, flow: Flow, which: number): void {
    const host = at(this.hosts, e)
    host.timers.schedule(flow.slot * TIMERS_PER_FLOW + which, this.#now)
    host.poll(this.#now)
  }

  #host(e: number): Host {
    const script = at(this.#scripts, e)
    const host = new Host({
      ...{ random: script.source, flowIds: script.flowIds, packetBytes: PACKET_BYTES, offers: SEVERAL_FLOWS },
      limits: { tries: PLENTY, moveTries: PLENTY, strangersPerSecond: PLENTY, strangersAtOnce: PLENTY },
    })
    host.setAddresses([at(HOMES, e)])
    host.onFault = error => {
      this.#thrown ??= String(error)
    }
    host.ownerOf = () => this.#owner(e)
    return host
  }

  #owner(e: number): FlowsOwner {
    return {
      newTransport: () => {
        const transport = new Prober()
        transport.finished = at(this.#hasClosed, e)
        return transport
      },
      onFlow: () => {},
      onLeave: () => {},
      onBackup: (flow, isBackup) => this.backups.set(flow, isBackup),
    }
  }
}

const prober = (flow: Flow): Prober => flow.transport as Prober

const copies = (sent: Iterable<Datagram>): Datagram[] =>
  [...sent].map(datagram => ({ ...datagram, bytes: datagram.bytes.slice() }))

/** Returns false if the host refuses. */
function ignoringRefusal(act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (error instanceof SalError && error.code === 'SAL_STATE') return false
    throw error
  }
}
