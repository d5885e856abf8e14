/**
 * A running stack: one host on one link, with the machine's clock. Sockets and servers belong to a stack; those that
 * name none share the process's own (defaultStack.ts).
 */

import { EventEmitter, once } from 'node:events'
import { must } from '../../checker/text/at.ts'
import type { Counters } from '../host/counters.ts'
import { Host } from '../host/host.ts'
import type { Mobility } from '../host/paths/mobility.ts'
import { type RandomSource, systemRandom } from '../host/random/random.ts'
import { Announcer } from '../host/rendezvous/announcer.ts'
import { Rendezvous } from '../host/rendezvous/rendezvous.ts'
import { EVERY_SERVICE, servicePrefixOf } from '../host/services/serviceId.ts'
import { DEFAULT_PRIORITY } from '../host/services/serviceTable.ts'
import { StepLog } from '../host/stepLog.ts'
import { hold, parseAddress, parseDestination, printAddress, release } from '../link/address.ts'
import { capture } from '../link/capture.ts'
import type { Counters as LinkCounters } from '../link/counters.ts'
import type { Address, Link } from '../link/link.ts'
import { type Tap, tapped } from '../link/tap.ts'
import { UdpLink } from '../link/udp.ts'
import { addressOn, advertised, byPreference } from './addressChoice.ts'
import { logged } from './debugLog.ts'
import { Driver, realNow } from './driver.ts'
import { asSocketError, socketError } from './errors.ts'
import { abandonAtExit } from './exit.ts'
import { reportFaults } from './faults.ts'
import { Finder, type FirstPath, type Found } from './finder.ts'
import { type FlowOptions, flowOptions } from './flowOptions.ts'
import { FlowSets } from './flowSets.ts'
import { Handle } from './handle.ts'
import type { HandleOwner, OwnedTransport } from './handleOwner.ts'
import { Mover } from './mover.ts'
import { mtusOf } from './mtu.ts'
import { Offers } from './offers.ts'
import { Refusals } from './refusals.ts'
import { Roster } from './roster.ts'
import { Rules } from './rules.ts'
import { secretOf } from './secret.ts'
import { ServiceKeys } from './serviceKeys.ts'
import { type Service, serviceOf, serviceText } from './services.ts'
import { Sources } from './sources.ts'
import type { Route, RuleKeeper, ServiceRule, StackOptions } from './stackOptions.ts'
import { keptSecret } from './userSecret.ts'

/** The interval between polls of the machine's addresses, ms. A poll takes 0.1 ms of CPU. */
const WATCH_INTERVAL_MS = 1000
/** The same while the stack has connections: an outage ends this much later than the system's. */
const BUSY_WATCH_INTERVAL_MS = 100

/** How long `close` waits for connections to end in order, ms. */
export const CLOSE_LIMIT_MS = 5000

/** Whatever a stack closes with itself: sockets and servers. */
export interface Closable {
  closeWithStack(): void
  /** Called if it has not ended in time. */
  cutWithStack?(): void
}

/**
 * ```ts
 * await using stack = new Stack({ addresses: ['127.0.0.1:54325'] })
 * await stack.opened()
 * ```
 * Events: `addresses` (the list of them) when they have changed, `expired` (a list of rules) when their time is over,
 * `fault` (the error) when an unexpected error ended one packet or flow.
 */
export class Stack extends EventEmitter {
  readonly host: Host
  /** @internal */
  readonly driver: Driver
  /** @internal */
  readonly users = new Roster<Closable>()
  /** @internal The handles of connections that are not over. */
  readonly handles = new Roster<Handle>()
  /** Present in a controller: keeps rules for all hosts. */
  keeper: RuleKeeper | undefined
  /** @internal Services to be announced to controllers. */
  readonly offers = new Offers()
  /** @internal Observers of all packets. */
  readonly taps: Set<Tap>
  readonly mobility: Mobility
  /** Where others reach this host, if not at its addresses. */
  readonly advertise: readonly string[]
  /** The policy and the scheduler of connections that name none. */
  readonly flowOptions: FlowOptions
  /** @internal Undefined if no connection has several flows. */
  readonly flowSets: FlowSets | undefined
  readonly random: RandomSource
  readonly rules: Rules
  /** Keys of services that are served here. */
  readonly keys: ServiceKeys
  readonly #udp: UdpLink | undefined
  readonly #link: Link
  readonly #steps: StepLog | undefined
  readonly #wanted: readonly Address[]
  readonly #opening: Promise<void>
  readonly #finder: Finder
  readonly #mover: Mover
  readonly #refusals = new Refusals()
  readonly #announcer: Announcer | undefined
  #isOpen = false
  #isClosing = false
  #closed: Promise<void> | undefined

  /** Throws LINK_ADDRESS, LINK_OPTION, EINVAL. Refusals by the system reach `opened`, and all users of the stack. */
  constructor(options: StackOptions = {}) {
    super()
    const { addresses = [], port = 0, link, random = systemRandom(), mobility = 'leave' } = options
    this.#wanted = addresses.map(text => parseAddress(text, port))
    this.#wanted.forEach(hold)
    this.advertise = advertised(options.advertise)
    this.random = random
    this.keys = new ServiceKeys(options.keys)
    this.mobility = mobility
    this.#udp = link === undefined ? new UdpLink(mtusOf(options.mtu)) : undefined
    const bare = link ?? must(this.#udp)
    const clock = {
      get now() {
        return Date.now()
      },
      at: () => {},
    }
    const tappable = tapped(bare)
    this.taps = tappable.taps
    this.#link = options.capture === undefined ? tappable : capture(tappable, options.capture, clock)
    this.host = new Host({
      ...{
        random,
        packetBytes: bare.mtu,
        forwards: options.forwards ?? false,
        carries: options.carries ?? false,
      },
      secret: secretOf(options.secret, this.#wanted, port, options.random || link ? undefined : keptSecret),
      ...(options.limits && { limits: options.limits }),
    })
    reportFaults(this.host, this)
    this.flowOptions = flowOptions(options)
    if (options.flows !== 'one') this.flowSets = new FlowSets(this.host, random, bare.mtu)
    this.#steps = options.steps && new StepLog(options.steps, realNow)
    this.host.observer = logged(this.#steps?.observer)
    this.driver = new Driver(this.host, this.#link, bare)
    if (options.relays) new Rendezvous(this.host, random)
    if (options.rendezvous !== undefined)
      this.#announcer = new Announcer(this.host, parseDestination(options.rendezvous), random)
    // An operator who names addresses also orders them.
    const sources = addresses.length > 0 || link !== undefined ? undefined : new Sources(this.driver.now)
    this.#finder = new Finder(this.driver, random, sources)
    this.#mover = new Mover(this.driver, this.handles, mobility, sources)
    this.rules = new Rules(this.driver, rules => this.emit('expired', rules))
    this.#link.changed(() => this.#follow())
    this.#follow()
    this.#isOpen = link !== undefined
    this.#opening = this.#open(addresses.length === 0, port, bare, options.broadcast)
    this.#opening.catch(() => {})
  }

  /** The longest packet that its link carries to everybody. */
  get packetBytes(): number {
    return this.#link.mtu
  }

  /** @internal The longest packet that its link carries from one address to another. */
  packetBytesBetween(from: Address, to: Address): number {
    return this.#udp?.mtuBetween(from, to) ?? this.#link.mtu
  }

  /** Its addresses, best first, such as `127.0.0.1:54325`. */
  get addresses(): readonly string[] {
    return this.host.addresses.map(printAddress)
  }

  /** Counters of the host, and of its UDP link. */
  get counters(): Counters & { readonly link: LinkCounters | undefined } {
    return { ...this.host.counters, link: this.#udp?.counters }
  }

  /** True while its rendezvous knows its address; false without a rendezvous. */
  get isMet(): boolean {
    return this.#announcer?.isKnown ?? false
  }

  /** Resolves to the stack once its addresses are open. Rejects with EADDRINUSE, EADDRNOTAVAIL. */
  async opened(): Promise<this> {
    await this.#opening
    return this
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#isClosing
  }

  /** Calls back when the stack is open; never synchronously. */
  whenOpen(then: (error?: Error) => void): void {
    if (this.#isClosing) process.nextTick(then, socketError('ESHUTDOWN', 'connect'))
    else if (this.#isOpen) process.nextTick(then)
    else this.#opening.then(() => then(), then)
  }

  /** Adds an address (port 0: any) and resolves to it. UDP only. Rejects with EADDRINUSE, EADDRNOTAVAIL. */
  async addAddress(text: string): Promise<string> {
    try {
      return printAddress(await this.#needUdp().add(parseAddress(text, 0)))
    } catch (error) {
      throw asSocketError(error, 'bind')
    }
  }

  /** Frees an address. Flows that use it move as the stack's `mobility` says. UDP only. */
  async removeAddress(text: string): Promise<void> {
    await this.#needUdp().remove(addressOn(this.host.addresses, text))
  }

  /** Adds a rule for services whose names begin with `prefix`. Throws a ServiceError, LINK_ADDRESS. */
  addService(prefix: string, { via, ...options }: ServiceRule): void {
    this.rules.add(prefix, { via }, options)
  }

  /** Removes such a rule. Returns false if there is none. */
  removeService(prefix: string, { via }: Pick<ServiceRule, 'via'>): boolean {
    return this.rules.remove(prefix, { via })
  }

  /** @internal Looks up a service. Calls back with a SocketError or the path; throws LINK_ADDRESS. */
  find(route: Route, syscall: string, found: Found): void {
    this.#finder.find(route, syscall, found)
  }

  /** @internal Opens a flow. Throws a SocketError. */
  connect<T extends OwnedTransport>(
    service: Service,
    { to, from, seeking }: FirstPath,
    transport: T,
    owner: HandleOwner,
  ): Handle<T> {
    try {
      const asked = { service: serviceOf(service), transport, via: to, from, seeking }
      const flow = this.host.connect(asked, this.driver.now())
      const handle = this.own(new Handle(this.driver, flow, transport, owner))
      // A broadcast reaches many hosts, some of which have the port.
      if (this.#udp !== undefined && !this.host.places.broadcasts.includes(to))
        this.#refusals.watch(handle as unknown as Handle, from, to)
      return handle
    } catch (error) {
      throw asSocketError(error, 'connect', serviceText(service))
    }
  }

  /** @internal Lists a connection until it is over. */
  own<T extends OwnedTransport>(handle: Handle<T>): Handle<T> {
    const one = handle as unknown as Handle
    this.handles.add(one)
    this.#pace()
    abandonAtExit(this.driver)
    handle.onOver = () => {
      this.handles.delete(one)
      this.#pace()
      if (this.#isClosing) this.emit('settled')
    }
    this.driver.kick()
    return handle
  }

  /**
   * Closes servers, ends sockets, and waits until everything is delivered, at most `limitMs`; then resets the rest.
   * Resolves when the addresses are free.
   */
  close({ limitMs = CLOSE_LIMIT_MS }: { readonly limitMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(limitMs)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #open(isFollowing: boolean, port: number, link: Link, broadcast?: string): Promise<void> {
    try {
      for (const address of this.#wanted) await this.#udp?.add(address)
      if (broadcast !== undefined) await this.#askAll(link, parseAddress(broadcast))
      // Also notices when a given address goes and returns.
      await this.#udp?.watch({ intervalMs: WATCH_INTERVAL_MS, port, accepts: () => isFollowing })
      this.#pace()
    } catch (error) {
      throw asSocketError(error, 'bind')
    }
    this.#isOpen = true
  }

  /** The prototype's default rule: broadcasts the first packet for a service that no rule names. */
  async #askAll(link: Link, address: Address): Promise<void> {
    await link.hear?.(address)
    const { places, services } = this.host
    places.broadcasts = [address]
    services.add(servicePrefixOf(EVERY_SERVICE), { kind: 'forward', address }, DEFAULT_PRIORITY, 1)
  }

  async #close(limitMs: number): Promise<void> {
    await this.#opening.catch(() => {})
    this.#isClosing = true
    for (const user of this.users) user.closeWithStack()
    this.driver.hold()
    const limit = AbortSignal.timeout(limitMs)
    while (this.handles.size > 0 && !limit.aborted)
      await once(this, 'settled', { signal: limit }).catch(() => {})
    for (const user of this.users) user.cutWithStack?.()
    for (const handle of this.handles) handle.abort()
    this.#announcer?.close(this.driver.now())
    this.#mover.stop()
    this.driver.stop()
    this.driver.release()
    await this.#link.close()
    this.#wanted.forEach(release)
    this.#steps?.close()
  }

  #needUdp(): UdpLink {
    if (this.#udp !== undefined) return this.#udp
    throw socketError('EINVAL', 'bind', {
      sentence: 'this stack has a link of its own: change the addresses there',
    })
  }

  /** Polls the machine's addresses often while connections depend on them. */
  #pace(): void {
    this.#udp?.pace(this.handles.size > 0 ? BUSY_WATCH_INTERVAL_MS : WATCH_INTERVAL_MS)
  }

  /** The link's addresses have changed. */
  #follow(): void {
    const { host, driver } = this
    const before = host.addresses
    host.setAddresses(byPreference(this.#link.addresses(), this.#wanted))
    this.#announcer?.follow(driver.now())
    this.#mover.follow(before)
    this.emit('addresses', this.addresses)
  }
}
