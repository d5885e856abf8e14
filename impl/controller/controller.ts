/**
 * A controller is a service at which hosts register the services they listen to and query those they need. Its state is
 * in the registry: a controller that dies loses nothing. docs/controllers.md has the details.
 */

import { once } from 'node:events'
import { must } from '../../checker/text/at.ts'
import { printPrefix, printServiceId, servicePrefixOf } from '../host/services/serviceId.ts'
import { Server } from '../sockets/server.ts'
import type { Socket } from '../sockets/socket.ts'
import type { Closable, Stack } from '../sockets/stack.ts'
import { Admission, OF_CONTROLLERS } from './admission.ts'
import { confirmedOf, refusedOf } from './answers.ts'
import type { Authority } from './authority/authority.ts'
import { Door } from './authority/door.ts'
import { CarriedInstances } from './carriedInstances.ts'
import { addressOf, judge, prefixOf, serviceOf, startOf } from './claims.ts'
import type { ControllerOptions } from './controllerOptions.ts'
import { costOf } from './cost.ts'
import { probeOf } from './ejections.ts'
import { PlaneError, type RefusalCode } from './errors.ts'
import { Exclusion } from './exclusion.ts'
import type { Claimed } from './instance.ts'
import { keeperOf } from './keeper.ts'
import { nameOf } from './keepers.ts'
import { Ledger } from './ledger.ts'
import { FAILURES_KEPT, LEASE_MS, PEER_SILENT_MS, SWEEP_MS } from './limits.ts'
import { listedOf, listingFor } from './listing.ts'
import {
  type Claim,
  CONTROLLER_SERVICE,
  type Hello,
  type Listed,
  MESSAGES_VERSION,
  type Question,
  UNDERSTANDS_CHANGES,
  UNDERSTANDS_RENEWALS,
} from './messages.ts'
import { Networks } from './networks.ts'
import { Peer } from './peer.ts'
import { isOffered } from './policy.ts'
import { isBelow } from './prefixes.ts'
import { keyOf } from './records.ts'
import { Resolver } from './resolver.ts'
import { Silent } from './silent.ts'
import { Starter } from './starter.ts'
import { Subscriptions } from './subscriptions.ts'
import { Turns } from './turns.ts'

/** A directory of services: hosts register services with it and query it. docs/controllers.md explains it. */
export class Controller implements Closable {
  readonly ledger: Ledger<Peer>
  readonly counters = { mistakes: 0, questions: 0, displaced: 0, forgotten: 0 }
  /** The last services that could not be started, with reasons. */
  readonly failures: string[] = []
  readonly #stack: Stack
  readonly #server: Server
  readonly #networks: Networks
  readonly #starter: Starter
  readonly #resolver: Resolver<Peer>
  readonly #subscriptions: Subscriptions
  readonly exclusion: Exclusion
  readonly #peers = new Set<Peer>()
  /** Undefined unless the stack is a relay. */
  readonly #carried: CarriedInstances<Peer> | undefined
  readonly #admission = new Admission<Peer>(OF_CONTROLLERS)
  /** Tracks connections that have sent nothing since they opened, because they occupy places. */
  readonly #silent = new Silent<Peer>()
  readonly #turns = new Turns()
  /** Queue for notifying hosts of changes. Separate, so that answers to other hosts do not wait for it. */
  readonly #tellings = new Turns()
  #greetings: NodeJS.Timeout | undefined
  /** When the instances of an empty registry have had one lease to register again, ms. */
  #settledMs = 0
  readonly #now: () => number
  readonly #onChange: (id: string, service?: string) => void
  /** TLS and tokens of the connections. */
  readonly door: Door

  /** Throws a ServiceError, CONTROLLER_ADDRESS. */
  constructor(options: ControllerOptions) {
    const {
      stack,
      registry,
      networks,
      start = {},
      startLimitMs,
      onChange = () => {},
      onTrouble = () => {},
      ...limits
    } = options
    this.#stack = stack
    this.#onChange = onChange
    this.#now = stack.driver.now
    this.door = new Door(options, this.#now)
    this.#networks = new Networks(networks)
    this.#starter = new Starter({
      commands: start,
      env: { SERVAL_CONTROLLER: stack.addresses[0] ?? '' },
      ...(startLimitMs !== undefined && { limitMs: startLimitMs }),
      now: this.#now,
      failed: (id, what) => this.#failed(id, what),
    })
    this.ledger = new Ledger<Peer>(
      registry,
      {
        confirm: (...confirmed) => this.#confirm(...confirmed),
        refuse: (claimed, code) => this.#refuse(claimed, code),
        changed: (id, service) => this.#changed(id, service),
        ruled: prefix => this.#ruled(prefix),
        trouble: onTrouble,
      },
      Date.now,
      { ...limits, name: nameOf(stack.random), mayServe: record => this.door.authority.mayServe(record) },
    )
    this.#carried = stack.host.relay && new CarriedInstances(stack.host, this.ledger)
    this.#resolver = new Resolver(this.ledger, this.#networks, this.#starter.names)
    const { mayResolve } = this.door
    this.#subscriptions = new Subscriptions(this.#admission, this.#resolver, this.counters, mayResolve)
    this.exclusion = new Exclusion(this.ledger, {
      find: service => this.#resolver.instances(service),
      changed: id => this.#changed(id),
      probe: probeOf(stack),
    })
    this.#server = new Server({
      stack,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PEER_SILENT_MS,
    })
    this.#server.on('connection', socket => this.#take(socket))
  }

  /** Resolves when it accepts queries. Rejects with a RegistryError, EADDRINUSE. */
  async open(): Promise<this> {
    await this.ledger.open()
    if (this.ledger.registrations.known.size === 0) this.#settledMs = this.#now() + LEASE_MS
    this.#server.listen(CONTROLLER_SERVICE)
    await once(this.#server, 'listening')
    this.#stack.users.add(this)
    this.#stack.keeper = keeperOf(this.ledger)
    const endSilent = (): void => {
      this.#carried?.follow()
      for (const peer of this.#silent.sweep(this.#peers)) this.#displace(peer)
    }
    this.#greetings = setInterval(endSilent, SWEEP_MS).unref()
    return this
  }

  /** Uses another authority from now on, also for registered instances. Hosts forget what they may not know any more. */
  authorize(authority: Authority): void {
    for (const peer of this.#peers) this.#touchAll(peer)
    this.door.authorize(authority, [...this.#peers])
    for (const id of this.ledger.registrations.known.reindex()) this.#changed(id)
    for (const peer of this.#peers) this.#touchAll(peer)
  }

  /** The number of connected hosts. */
  get peers(): number {
    return this.#peers.size
  }

  /** The numbers of unusual events since it began, by cause. */
  get events(): Record<string, number> {
    const { questions: _, ...unusual } = this.counters
    const { probes: __, ...probed } = this.exclusion.ejections.counters
    return {
      ...unusual,
      ...this.door.counters,
      ...this.ledger.registrations.counters,
      ...this.ledger.counters,
      ...probed,
    }
  }

  /** The number of started programs. */
  get started(): number {
    return this.#starter.started
  }

  /** Returns the rows of a listing, sorted by service. */
  list(): Listed[] {
    const { registrations, standing } = this.ledger
    return registrations.known
      .keys()
      .flatMap(key => listedOf(must(registrations.known.get(key)), standing) ?? [])
  }

  /** Closes the controller: hosts fail over to another, or reconnect later. Resolves when everything is written. */
  async close(): Promise<void> {
    this.#stack.users.delete(this)
    this.#stack.keeper = undefined
    clearInterval(this.#greetings)
    this.#server.close()
    this.exclusion.ejections.close()
    for (const peer of this.#peers) peer.end()
    await Promise.all([this.#starter.close(), this.ledger.close()])
  }

  /** @internal */
  closeWithStack(): void {
    void this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #take(socket: Socket): void {
    const { addresses, advertise } = this.#stack
    const isOwn = (address: string): boolean => this.#stack.addresses.includes(address)
    const carriesAt = this.#carried && ((address: string) => [...addresses, ...advertise].includes(address))
    // The connection may already be over, and its error is still to come.
    socket.on('error', () => {})
    if (socket.remoteAddress === undefined) return
    const peer = new Peer(socket.unref(), this.#peerEvents, isOwn, carriesAt)
    this.#peers.add(peer)
    const excess = this.#admission.add(peer)
    if (excess !== undefined) this.#displace(excess)
    if (excess !== peer) void peer.serve()
  }

  #displace(peer: Peer): void {
    this.counters.displaced++
    this.#leave(peer)
    peer.reset()
  }

  readonly #peerEvents = {
    accepted: (socket: Socket, isOwn: boolean) => this.door.accepted(socket, isOwn),
    turn: (question: Question) => this.#turns.take(costOf(question)),
    asked: (peer: Peer, question: Question) => this.#answer(peer, question),
    rules: (peer: Peer, id: string) => this.#subscriptions.told(peer, id),
    later: (tell: () => number) => this.#tellings.later(tell),
    gone: (peer: Peer) => this.#leave(peer),
    mistake: () => void this.counters.mistakes++,
    now: () => this.#now(),
  }

  #answer(peer: Peer, question: Question): void {
    this.counters.questions++
    if (!this.door.admits(peer, question)) return
    switch (question.type) {
      case 'hello':
        this.#greet(peer, question)
        break
      case 'addresses':
        this.#place(peer, question.addresses)
        break
      case 'register':
      case 'unregister':
        this.#claim(peer, question)
        break
      case 'renew':
        peer.say(this.ledger.renew(question, peer, startOf(peer.claimant.address)))
        break
      case 'resolve':
        this.#resolve(peer, question.service)
        break
      case 'silent':
        this.exclusion.ejections.report(serviceOf(question.service), question.address)
        break
      case 'statistics':
        for (const { service, instance, flows } of question.instances)
          this.ledger.registrations.count(keyOf({ id: printPrefix(prefixOf(service)), instance }), flows)
        break
      case 'list':
        peer.say(listingFor(peer, question, this, this.#peers))
        break
      default:
        question satisfies never
    }
  }

  #greet(peer: Peer, { addresses, rules, versions = [MESSAGES_VERSION], understands = [] }: Hello): void {
    if (!versions.includes(MESSAGES_VERSION)) {
      peer.refuse(
        new PlaneError(
          'CONTROLLER_VERSION',
          `the host speaks versions ${versions.join(', ')}, this controller ${MESSAGES_VERSION}: update the older of the two`,
        ),
      )
      peer.end()
      return
    }
    const wantsAll = rules === 'all'
    peer.wantsAll = wantsAll
    peer.understandsChanges = understands.includes(UNDERSTANDS_CHANGES)
    peer.understandsRenewals = understands.includes(UNDERSTANDS_RENEWALS)
    this.#place(peer, addresses)
    for (const id of [...this.ledger.standing.prefixes(), ...this.#starter.names.keys()]) peer.touch(id)
    if (wantsAll) this.#touchAll(peer)
    const settlesMs = Math.round(this.#settledMs - this.#now())
    peer.sayAfter({ type: 'complete', ...(settlesMs > 0 && { settlesMs }) })
  }

  #place(peer: Peer, addresses: readonly string[]): void {
    for (const address of addresses) addressOf(address)
    peer.addresses = addresses
    const before = peer.network
    peer.network = this.#networks.of(peer.address)
    if (peer.network !== before) this.#touchAll(peer)
  }

  #touchAll(peer: Peer): void {
    this.#subscriptions.touch(peer, this.ledger.registrations.known.services())
  }

  /** Reports an invalid claim to its instance, and keeps the connection open. */
  #claim(peer: Peer, claim: Claim): void {
    const { type, service, instance, version } = claim
    try {
      const judged = judge(claim, peer.claimant, Date.now(), this.door.authority)
      this.ledger.claim({ kind: type === 'register' ? 'REGISTER' : 'UNREGISTER', peer, ...judged })
    } catch (error) {
      if (!(error instanceof PlaneError)) throw error
      this.counters.mistakes++
      const { code, message } = error
      peer.say({ type: 'refused', service, instance, version, code, message })
    }
  }

  #resolve(peer: Peer, service: string): void {
    const bytes = serviceOf(service)
    const id = printServiceId(bytes)
    if (!this.door.shows(peer, service, id)) return
    this.#subscriptions.add(peer, id)
    const found = this.#resolver.find(bytes)
    if (found === undefined && this.#starter.start(id)) {
      peer.waiting.add(id)
      return
    }
    peer.touch(peer.wantsAll ? (found ?? id) : id)
    const isFound = found !== undefined || this.ledger.standing.leadsOn(bytes)
    peer.sayAfter({ type: 'resolved', service: id, found: isFound })
  }

  /** Confirms a claim. Confirms a withdrawal only after the controller has notified the other hosts. */
  #confirm(claimed: Claimed<Peer>, leaseMs: number, ticket: number | undefined): void {
    const { kind, peer } = claimed
    const confirmed = confirmedOf(claimed, leaseMs, ticket)
    if (kind === 'REGISTER' && peer.reach(claimed.record.address) === 'carried')
      this.#carried?.add(claimed.record, peer)
    else this.#carried?.remove(claimed.record)
    if (kind === 'REGISTER') peer.say(confirmed)
    else
      this.#tellings.later(() => {
        peer.say(confirmed)
        return 1
      })
  }

  #refuse(claimed: Claimed<Peer>, code: RefusalCode): void {
    const { peer, refusal } = claimed
    if (refusal !== undefined) this.door.denied(peer, refusal)
    peer.say(refusedOf(claimed, code))
  }

  /** Notifies routers, hosts that asked for the service (or for one below the prefix), and hosts waiting for it. */
  #changed(id: string, service?: string): void {
    this.exclusion.changed(id)
    this.#carried?.changed(id)
    const { registrations, standing } = this.ledger
    if (this.#starter.names.size > 0 && isOffered(registrations.known.bound(id), standing))
      this.#starter.arrived(servicePrefixOf(id))
    this.#onChange(id, service ?? registrations.known.bound(id)[0]?.service)
    this.#subscriptions.changed(id)
    for (const peer of this.#peers) if (peer.wantsAll) this.#subscriptions.touch(peer, [id])
  }

  /** A rule may change the priority and weight of any instance. */
  #ruled(id: string): void {
    this.exclusion.ruled()
    const prefix = servicePrefixOf(id)
    const services = [...this.ledger.registrations.known.services()].filter(one => isBelow(prefix, one))
    for (const service of services) {
      this.#subscriptions.stale(service)
      this.#carried?.changed(service)
    }
    this.#subscriptions.changed(id)
    for (const peer of this.#peers) {
      peer.touch(id)
      if (peer.wantsAll) this.#subscriptions.touch(peer, services)
    }
  }

  #leave(peer: Peer): void {
    if (!this.#peers.delete(peer)) return
    this.#admission.delete(peer)
    this.#carried?.left(peer)
    this.#subscriptions.leave(peer)
  }

  #failed(id: string, what: string): void {
    this.failures.push(what)
    this.failures.splice(0, this.failures.length - FAILURES_KEPT)
    for (const peer of this.#peers)
      if (peer.waiting.delete(id)) peer.sayAfter({ type: 'resolved', service: id, found: false })
  }
}
