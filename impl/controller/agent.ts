/**
 * A host's side of the service plane. Registers with a controller the services that the stack listens to, queries it
 * for unknown services, and applies the rules that it sends. After losing its controller it fails over to another and
 * registers everything again.
 */

import { EventEmitter, once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../../checker/text/at.ts'
import {
  EVERY_SERVICE,
  printPrefix,
  printServiceId,
  serviceIdOf,
  servicePrefixOf,
} from '../host/services/serviceId.ts'
import { DELAY_PRIORITY, WEIGHT_LIMIT } from '../host/services/serviceTable.ts'
import { checkRange } from '../host/services/table/checks.ts'
import { NO_ADDRESS, printAddress } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { debug } from '../sockets/debugLog.ts'
import { listenedOf, type Service } from '../sockets/services.ts'
import type { Closable, Stack } from '../sockets/stack.ts'
import type { AgentOptions, Patience } from './agentOptions.ts'
import { Alarm } from './alarm.ts'
import { certified } from './certified.ts'
import { controllerAt } from './controllerAt.ts'
import { ControllerLine } from './controllerLine.ts'
import { type Credential, Credentials } from './credentials.ts'
import type { RefusalCode } from './errors.ts'
import { statisticsOf } from './flowCounts.ts'
import { HostRules } from './hostRules.ts'
import {
  ASKED_LIMIT,
  CERTIFICATE_LEASES,
  INSTANCE_PRIORITY,
  INSTANCE_WEIGHT,
  LEASE_MS,
  LONGEST_LEASE_MS,
  NEAR_PRIORITY,
  UNUSED_MS,
} from './limits.ts'
import { type Answer, MESSAGES_VERSION, UNDERSTANDS_CHANGES, UNDERSTANDS_RENEWALS } from './messages.ts'
import { type Location, type Registrant, Registrants } from './registrants.ts'
import { Renewals } from './renewals.ts'

/** How often a host checks the flow counts of its services and the use of rules, ms. */
const LOOK_MS = 5000
/**
 * Waits for this many times the controller's answer. Other hosts are about as far from each other as from the
 * controller, so by then they know, and their last packets have arrived.
 */
const SETTLE_ANSWERS = 2
/** How long `close` waits for a controller to store withdrawals, ms, and how many it stores at least before `close` waits again. */
const CLOSE_WAIT_MS = 1000
const RELEASED_AT_ONCE = 1000

/**
 * Events: `connected` (the controller), `lost`, `registered` (a service's 64 digits), `released` (the same), `refused`
 * ({ service, code, message }), `rules` (the prefix whose rules arrived).
 */
export class Agent extends EventEmitter implements Closable {
  readonly rules: HostRules
  readonly counters = { connected: 0, lost: 0, asked: 0, refused: 0 }
  readonly #stack: Stack
  readonly #options: AgentOptions
  readonly #registrants: Registrants
  readonly #line: ControllerLine
  readonly #renewals = new Renewals<Registrant>(question => this.#line.say(question))
  readonly #alarm: Alarm
  readonly #asked = new Set<string>()
  /** Services with a listener that are withdrawn from the directory. */
  readonly #withdrawn = new Set<string>()
  readonly #watch: NodeJS.Timeout
  #settling: NodeJS.Timeout | undefined
  #credentials: Credentials
  #weight: number
  #isClosed = false
  /** The controller of the current connection; undefined without one. */
  controller: string | undefined

  /** Throws SERVICE_PRIORITY, SERVICE_WEIGHT, what `controllerAt` throws, and a TypeError for an invalid credential. */
  constructor(options: AgentOptions) {
    super()
    const { stack, controllers = [], leaseMs = LEASE_MS, weight = INSTANCE_WEIGHT } = options
    checkRange('SERVICE_PRIORITY', 'priority', options.priority ?? INSTANCE_PRIORITY, NEAR_PRIORITY - 1)
    checkRange('SERVICE_WEIGHT', 'weight', weight, WEIGHT_LIMIT)
    this.#stack = stack
    this.#options = options
    this.#weight = weight
    this.#credentials = new Credentials(options.credentials)
    this.rules = new HostRules(stack.host, stack.advertise)
    if (options.key !== undefined) stack.keys.add(options.key)
    if (options.delays)
      stack.host.services.add(servicePrefixOf(EVERY_SERVICE), { kind: 'delay' }, DELAY_PRIORITY, 1)
    this.#registrants = new Registrants(
      {
        send: claim => {
          const lifeMs = CERTIFICATE_LEASES * leaseMs
          this.#line.say(certified(claim, stack.keys, this.#credentials, Date.now(), lifeMs))
        },
        renew: one => this.#renewals.add(one),
        released: id => this.emit('released', id),
        registered: id => this.emit('registered', id),
      },
      leaseMs,
      stack.random,
    )
    this.#alarm = new Alarm(stack.driver.now, () => {
      this.#registrants.poll(stack.driver.now())
      this.#arm()
    })
    stack.host.delays.onMiss = service => this.#ask(service)
    stack.host.onSilent = (service, address) => this.#report(service, address)
    stack.offers.on('change', this.#follow)
    stack.on('addresses', this.#moved)
    stack.users.add(this)
    this.#watch = setInterval(() => this.#look(), LOOK_MS).unref()
    const those = controllers.map(one => (typeof one === 'string' ? controllerAt(one) : one))
    this.#line = new ControllerLine(stack, those, {
      failed: ({ code, message }) => this.#refused({ type: 'error', code, message }),
      connected: controller => this.#connected(controller),
      answer: answer => this.#hear(answer),
      lost: wasOpen => this.#lost(wasOpen),
      moved: this.#moved,
    })
    for (const id of stack.offers.names.keys()) this.#follow(id)
  }

  /** Controllers' lines that could not be used. */
  get mistakes(): number {
    return this.#line.mistakes
  }

  /** Resolves when connected to a controller. Rejects with the signal's reason. */
  async connected({ signal }: Patience = {}): Promise<this> {
    await this.#whenever('connected', () => this.controller !== undefined, signal)
    signal?.throwIfAborted()
    return this
  }

  /** Resolves when the controller has registered the service. Rejects with the signal's reason. */
  async registered(service: Service, { signal }: Patience = {}): Promise<void> {
    const id = printPrefix(listenedOf(service))
    await this.#whenever('registered', () => this.#registrants.isRegistered(id), signal)
    signal?.throwIfAborted()
  }

  /** Sets the share of new flows for this host's services. 0 drains them: existing flows continue. Throws SERVICE_WEIGHT. */
  weigh(weight: number): void {
    checkRange('SERVICE_WEIGHT', 'weight', weight, WEIGHT_LIMIT)
    this.#weight = weight
    this.#moved()
  }

  /** Registers everything again with these credentials, such as a newer grant. Throws a TypeError for an invalid one. */
  authorize(credentials: readonly Credential[]): void {
    this.#credentials = new Credentials(credentials)
    if (this.#line.isOpen) this.#registrants.connected(this.#now())
    this.#arm()
  }

  /**
   * Reports that the host's own check of a service fails, or succeeds again. A failing instance stays registered and gets no
   * new flows, unless more than half of the service's instances are out. May be called before the service has a listener.
   */
  markFailing(service: Service, isFailing: boolean): void {
    this.#registrants.markFailing(printPrefix(listenedOf(service)), isFailing, this.#now())
    this.#arm()
  }

  /**
   * Withdraws a service from the directory, so that no new flows arrive, while its listener stays. Resolves when the
   * controller has notified others and stored it, and after twice the time of its answer, in which earlier packets
   * arrive. Resolves at once without a controller, and when the signal is aborted.
   */
  async withdraw(service: Service, { signal }: Patience = {}): Promise<void> {
    const id = printPrefix(listenedOf(service))
    const began = this.#now()
    this.#withdrawn.add(id)
    this.#follow(id)
    await this.#until(() => !this.#registrants.has(id), signal)
    if (!this.#line.isOpen) return
    await wait(SETTLE_ANSWERS * (this.#now() - began), undefined, { signal }).catch(() => {})
  }

  /** Unregisters everything, waits while the controller stores that, and ends. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#leave()
    for (let before = Infinity; this.#registrants.size < before; ) {
      before = this.#registrants.size
      await this.#until(() => this.#registrants.size <= Math.max(0, before - RELEASED_AT_ONCE))
    }
    this.#end()
  }

  /** Waits until the controller has stored something, while there is a controller, for a limited time. */
  #until(isSo: () => boolean, signal?: AbortSignal): Promise<void> {
    const own = AbortSignal.timeout(CLOSE_WAIT_MS)
    const limit = signal === undefined ? own : AbortSignal.any([own, signal])
    return this.#whenever('released', () => !this.#line.isOpen || isSo(), limit)
  }

  /** Waits for an event after which `isSo` holds. Keeps the process alive. */
  async #whenever(event: string, isSo: () => boolean, limit?: AbortSignal): Promise<void> {
    const { driver } = this.#stack
    driver.hold()
    while (!isSo() && !limit?.aborted) await once(this, event, limit && { signal: limit }).catch(() => {})
    driver.release()
  }

  /** @internal */
  closeWithStack(): void {
    if (this.#isClosed) return
    this.#leave()
    this.#end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #leave(): void {
    this.#isClosed = true
    this.#stack.offers.off('change', this.#follow)
    this.#stack.off('addresses', this.#moved)
    for (const id of [...this.#registrants.ids()]) this.#registrants.unbind(id, this.#now())
  }

  #end(): void {
    clearInterval(this.#watch)
    clearTimeout(this.#settling)
    this.#alarm.stop()
    this.#line.close()
    this.#stack.users.delete(this)
    this.#stack.host.delays.onMiss = () => {}
    this.#stack.host.onSilent = undefined
  }

  #now(): number {
    return this.#stack.driver.now()
  }

  #arm(): void {
    this.#alarm.set(this.#registrants.nextTimeout())
  }

  /**
   * Where services here are registered: at the addresses that the stack advertises, at the local one, or behind a translator (NAT)
   * at the controller's, which carries packets to this host.
   */
  #locations(): readonly Location[] {
    const { advertise, addresses } = this.#stack
    const { priority = INSTANCE_PRIORITY } = this.#options
    const { address = addresses[0] ?? '', isTranslated, controllerAddress = NO_ADDRESS } = this.#line ?? {}
    const own = advertise.length > 0 ? advertise : [isTranslated ? printAddress(controllerAddress) : address]
    return own.map(address => ({ address, priority, weight: this.#weight }))
  }

  /** Registers each service with a listener, unless it was withdrawn, and unregisters others. */
  readonly #follow = (id: string): void => {
    const service = this.#stack.offers.names.get(id)
    if (service === undefined) this.#withdrawn.delete(id)
    const now = this.#now()
    if (service !== undefined && !this.#withdrawn.has(id))
      this.#registrants.bind(id, service, this.#locations(), now)
    else this.#registrants.unbind(id, now)
    this.#arm()
  }

  readonly #moved = (): void => {
    this.#line.say({ type: 'addresses', addresses: [...this.#stack.addresses] })
    this.#registrants.move(this.#locations(), this.#now())
    this.#arm()
  }

  #connected(controller: string): void {
    this.controller = controller
    this.counters.connected++
    debug(`the session with controller ${controller} begins`)
    clearTimeout(this.#settling)
    this.rules.begin()
    const { rules = 'asked' } = this.#options
    const { token, controllerAddress = NO_ADDRESS } = this.#line
    this.#stack.host.places.relay = controllerAddress
    this.#line.say({
      ...{ type: 'hello', addresses: [...this.#stack.addresses], rules },
      ...{ versions: [MESSAGES_VERSION], understands: [UNDERSTANDS_CHANGES, UNDERSTANDS_RENEWALS] },
      ...(token !== undefined && { token }),
    })
    for (const service of this.#asked) this.#line.say({ type: 'resolve', service })
    const now = this.#now()
    this.#registrants.move(this.#locations(), now)
    this.#registrants.connected(now)
    this.#arm()
    this.emit('connected', controller)
  }

  #lost(wasOpen: boolean): void {
    this.controller = undefined
    clearTimeout(this.#settling)
    this.#registrants.disconnected()
    this.#renewals.clear()
    this.#stack.host.delays.lost(this.#now())
    this.#stack.driver.kick()
    if (!wasOpen || this.#isClosed) return
    this.counters.lost++
    debug('the session with the controller ends')
    this.emit('lost')
  }

  /** Tells the controller, which then probes the instance. */
  #report(service: Uint8Array, address: Address): void {
    if (this.#line.isOpen)
      this.#line.say({ type: 'silent', service: printServiceId(service), address: printAddress(address) })
  }

  #ask(service: Uint8Array): void {
    // A packet that still waits will ask again later.
    if (this.#line.isBusy) return
    const id = printServiceId(service)
    this.counters.asked++
    this.#asked.add(id)
    if (this.#asked.size > ASKED_LIMIT) this.#forget(must(this.#asked.values().next().value))
    this.#line.say({ type: 'resolve', service: id })
  }

  #forget(id: string): void {
    this.#asked.delete(id)
    this.rules.set(id, [])
  }

  #hear(answer: Answer): void {
    switch (answer.type) {
      case 'confirmed':
        this.#registrants.confirmed(answer.instance, answer.version, answer.ticket, this.#now())
        this.#arm()
        break
      case 'renewed':
        this.#registrants.renewed(this.#renewals.take(answer.number), new Set(answer.lapsed), this.#now())
        this.#arm()
        break
      case 'refused':
        this.#registrants.refused(answer.instance)
        if (answer.code === ('CONTROLLER_EVICTED' satisfies RefusalCode))
          this.#registrants.evicted(answer.instance)
        this.#refused(answer)
        break
      case 'rules':
        this.rules.set(answer.prefix, answer.targets, answer.name)
        this.emit('rules', answer.prefix)
        break
      case 'change':
        this.rules.change(answer)
        this.emit('rules', answer.prefix)
        break
      case 'complete':
        this.#complete(answer.settlesMs)
        break
      case 'resolved':
        this.#resolved(answer.service, answer.found)
        break
      case 'error':
        this.#refused(answer)
        break
    }
  }

  /** Without `settlesMs`, or after it, the controller's rules are all there are. */
  #complete(settlesMs = 0): void {
    const complete = (): void => this.rules.complete(this.#asked)
    if (settlesMs === 0) complete()
    else this.#settling = setTimeout(complete, Math.min(settlesMs, LONGEST_LEASE_MS)).unref()
  }

  #refused(answer: Answer & { readonly message: string }): void {
    this.counters.refused++
    debug(`the controller refuses: ${answer.message}`)
    this.emit('refused', answer)
  }

  /** Releases the packets that wait for the service, or refuses them if there is no such service. */
  #resolved(id: string, isFound: boolean): void {
    const { host, driver } = this.#stack
    const service = serviceIdOf(id)
    if (isFound) host.delays.answered(service, driver.now())
    else host.delays.unanswered(service, driver.now())
    driver.kick()
  }

  /** Reports changes, and forgets unused services: the host can ask for them again. */
  #look(): void {
    const { host } = this.#stack
    if (this.#options.rules !== 'all')
      for (const id of this.rules.unused(this.#now(), UNUSED_MS)) if (this.#asked.has(id)) this.#forget(id)
    if (!this.#line.isOpen) return
    for (const question of statisticsOf(host, this.#registrants.all())) this.#line.say(question)
  }
}
