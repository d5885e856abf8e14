/**
 * The claims of a host, sans-I/O: services with listeners and the time come in, claims go out. The registrant's machine
 * decides when to send and repeat claims, one machine for each service (spec/machines/registration/registrant.ts).
 */

import { none } from '../../checker/lower/typed.ts'
import { at } from '../../checker/text/at.ts'
import type { RegistrantEffect, RegistrantState } from '../../spec/machines/registration/compiled.ts'
import type { RegistrantEvent } from '../../spec/machines/registration/registrant.ts'
import { REGISTRANT } from '../../spec/machines/registration/states.ts'
import { registrantStep } from '../../spec/machines/registration/step.ts'
import { TimedSlots } from '../host/flows/timedSlots.ts'
import { type RandomSource, randomFraction } from '../host/random/random.ts'
import { REFRESHES_PER_LEASE } from './limits.ts'
import type { Claim } from './messages.ts'

/** The address of a service here, and how much of its load this host takes. */
export interface Location {
  readonly address: string
  readonly priority: number
  readonly weight: number
}

export interface RegistrantEvents {
  readonly send: (claim: Claim) => void
  /** Renews the lease by the controller's ticket. */
  readonly renew: (one: Registrant) => void
  /** The controller does not know the service any more, or there is no controller. */
  readonly released: (id: string) => void
  readonly registered: (id: string) => void
}

export interface Registrant {
  readonly id: string
  readonly service: string
  readonly instance: string
  /** Which of the host's locations it registers. */
  readonly place: number
  readonly slot: number
  readonly state: RegistrantState
  location: Location
  /** The host's own check of the instance fails. */
  isFailing: boolean
  /** The number of what the machine knows as address: the location, and whether the instance fails. Each new one gets the next. */
  locationNumber: number
  tries: number
  /** The number of its last claim among those of the host, and how often its repetition was put off. */
  claim: number
  delays: number
  /** The last version that this controller has confirmed; -1 for none. */
  told: number
  /** The controller's ticket for the lease of a version; undefined without one. */
  ticket: number | undefined
  ticketVersion: number
  /** The flow count last sent to this controller; -1 for none. */
  flows: number
}

/** The wait for the first answer, doubled each time, ms. */
const ANSWER_MS = 2000
const LONGEST_ANSWER_MS = 30_000
/** How often a repetition is put off, by ANSWER_MS, while the controller may not have reached the claim. */
const MOST_DELAYS = LONGEST_ANSWER_MS / ANSWER_MS
/** An evicted instance is registered again after the wait that follows this many tries: 8 s. */
const EVICTED_TRIES = 2
/** How often an unregistration is sent before the expiry of the lease must do. */
const UNREGISTER_TRIES = 4
/** Refreshes are spread over this share of their interval, so that many do not coincide. */
const SPREAD = 0.2
/** Refreshes leave together at multiples of this time, ms: many at once cost little more than one. */
const REFRESH_STEP_MS = 100
/** Random bytes of an instance's name, which makes it unpredictable. */
const INSTANCE_BYTES = 16

const { step, initial } = registrantStep()

export class Registrants {
  readonly #events: RegistrantEvents
  readonly #leaseMs: number
  readonly #random: RandomSource
  /** One for each location of the host. */
  readonly #byId = new Map<string, readonly Registrant[]>()
  /** The services whose checks fail. */
  readonly #failing = new Set<string>()
  readonly #byInstance = new Map<string, Registrant>()
  readonly #slots = new TimedSlots<Registrant>()
  /** This host's offset between those times, so that hosts do not coincide. */
  readonly #phaseMs: number
  /** Claims sent so far, and the latest that the controller has answered: it reads them in order. */
  #claims = 0
  #answered = 0
  /** True while connected to a controller. */
  #isConnected = false

  constructor(events: RegistrantEvents, leaseMs: number, random: RandomSource) {
    this.#events = events
    this.#leaseMs = leaseMs
    this.#random = random
    this.#phaseMs = REFRESH_STEP_MS * randomFraction(random)
  }

  get size(): number {
    return this.#byInstance.size
  }

  all(): IterableIterator<Registrant> {
    return this.#byInstance.values()
  }

  ids(): IterableIterator<string> {
    return this.#byId.keys()
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  /** True if the service is registered at all locations. */
  isRegistered(id: string): boolean {
    const those = this.#byId.get(id)
    return those?.every(({ state }) => state.registrant === REGISTRANT.REGISTERED) ?? false
  }

  /** The service has a listener. */
  bind(id: string, service: string, locations: readonly Location[], now: number): void {
    const known = this.#byId.get(id) ?? []
    for (const [place, location] of locations.entries()) {
      const one = known.find(other => other.place === place) ?? this.#add(id, service, place, location)
      const { registrant } = one.state
      if (registrant === REGISTRANT.REGISTERING || registrant === REGISTRANT.REGISTERED) continue
      one.location = location
      one.isFailing = this.#failing.has(id)
      this.#step(one, { type: 'BIND', address: ++one.locationNumber }, now)
    }
  }

  /** The host has other addresses, another priority or weight. */
  move(locations: readonly Location[], now: number): void {
    for (const one of [...this.all()]) {
      const location = at(locations, one.place)
      if (isSame(one.location, location)) continue
      one.location = location
      this.#step(one, { type: 'MOVE', address: ++one.locationNumber }, now)
    }
  }

  /** The host's own check of a service fails, or succeeds again. It may have no listener yet. */
  markFailing(id: string, isFailing: boolean, now: number): void {
    if (isFailing) this.#failing.add(id)
    else this.#failing.delete(id)
    for (const one of this.#byId.get(id) ?? []) {
      if (one.isFailing === isFailing) continue
      one.isFailing = isFailing
      this.#step(one, { type: 'MOVE', address: ++one.locationNumber }, now)
    }
  }

  /** The service has no listener any more. */
  unbind(id: string, now: number): void {
    for (const one of this.#byId.get(id) ?? []) this.#step(one, { type: 'UNBIND' }, now)
  }

  /** The controller has stored this version. */
  confirmed(instance: string, version: number, ticket: number | undefined, now: number): void {
    const one = this.#byInstance.get(instance)
    if (one === undefined) return
    one.ticket = ticket
    one.ticketVersion = version
    this.#hear(one)
    this.#step(one, { type: 'CONFIRMED', version }, now)
  }

  /** The controller has renewed these leases, except those at the places in `lapsed`: registers them again. */
  renewed(those: readonly Registrant[], lapsed: ReadonlySet<number>, now: number): void {
    for (const [place, one] of those.entries()) {
      const { ticketVersion: version } = one
      this.#hear(one)
      if (this.#byInstance.get(one.instance) !== one || version !== one.state.version) continue
      if (lapsed.has(place)) {
        one.ticket = undefined
        one.tries = 0
        this.#step(one, { type: 'TIMEOUT' }, now)
      } else this.#step(one, { type: 'CONFIRMED', version }, now)
    }
  }

  /** The controller has not stored the claim: repeats it in time. */
  refused(instance: string): void {
    const one = this.#byInstance.get(instance)
    if (one !== undefined) this.#hear(one)
  }

  /** An operator has evicted the instance. Asks often whether it is back, and then reports that it is registered. */
  evicted(instance: string): void {
    const one = this.#byInstance.get(instance)
    if (one === undefined) return
    one.told = -1
    one.tries = Math.min(one.tries, EVICTED_TRIES)
  }

  /** Connected to a controller, perhaps a new one: registers everything. */
  connected(now: number): void {
    this.#isConnected = true
    for (const one of [...this.all()]) {
      one.tries = 0
      one.told = -1
      one.flows = -1
      one.ticket = undefined
      this.#step(one, { type: 'TIMEOUT' }, now)
    }
  }

  /** Disconnected: all claims wait. */
  disconnected(): void {
    this.#isConnected = false
    for (const one of this.all()) this.#slots.cancel(one)
  }

  nextTimeout(): number {
    return this.#slots.next()
  }

  poll(now: number): void {
    for (const one of this.#slots.due(now)) {
      if (this.#mayBeUnread(one)) {
        this.#slots.schedule(one, now + ANSWER_MS)
        continue
      }
      const isEnding = one.state.registrant === REGISTRANT.UNREGISTERING
      const type = isEnding && one.tries >= UNREGISTER_TRIES ? 'GIVEUP' : 'TIMEOUT'
      this.#step(one, { type }, now)
    }
  }

  #hear({ claim }: Registrant): void {
    this.#answered = Math.max(this.#answered, claim)
  }

  /**
   * True if the controller has answered no later claim. Among thousands of claims, one may wait for longer than a repetition
   * does, and repetitions would make all wait even longer.
   */
  #mayBeUnread(one: Registrant): boolean {
    return one.tries > 0 && one.claim > this.#answered && one.delays++ < MOST_DELAYS
  }

  #step(one: Registrant, event: RegistrantEvent, now: number): void {
    const effects: RegistrantEffect[] = []
    const { version } = one.state
    step(one.state, event, effects, [])
    if (one.state.version !== version) one.tries = 0
    for (const { type } of effects)
      switch (type) {
        case 'register':
        case 'unregister':
          this.#say(one, type, now)
          break
        case 'rest':
          this.#rest(one, now)
          break
        case 'release':
          this.#release(one)
          break
        default:
          none(type)
      }
  }

  #say(one: Registrant, type: 'register' | 'unregister', now: number): void {
    if (!this.#isConnected) return
    if (type === 'register' && one.ticket !== undefined && one.ticketVersion === one.state.version)
      this.#events.renew(one)
    else this.#events.send(this.#claimOf(one, type))
    this.#slots.schedule(one, now + Math.min(ANSWER_MS * 2 ** one.tries, LONGEST_ANSWER_MS))
    one.tries++
    one.claim = ++this.#claims
    one.delays = 0
  }

  #claimOf({ service, instance, location, isFailing, state }: Registrant, type: Claim['type']): Claim {
    const { address, priority, weight } = location
    const claim = { service, instance, address, version: state.version }
    if (type === 'unregister') return { type, ...claim }
    return { type, ...claim, priority, weight, leaseMs: this.#leaseMs, ...(isFailing && { isFailing }) }
  }

  #rest(one: Registrant, now: number): void {
    one.tries = 0
    const spread = 1 - SPREAD * randomFraction(this.#random)
    const dueMs = now + (this.#leaseMs / REFRESHES_PER_LEASE) * spread
    this.#slots.schedule(one, this.#stepBefore(dueMs))
    if (one.told === one.state.version) return
    one.told = one.state.version
    if (this.isRegistered(one.id)) this.#events.registered(one.id)
  }

  /** Returns the last common time of refreshes before `ms`. */
  #stepBefore(ms: number): number {
    return Math.floor((ms - this.#phaseMs) / REFRESH_STEP_MS) * REFRESH_STEP_MS + this.#phaseMs
  }

  #release(one: Registrant): void {
    const rest = this.#byId.get(one.id)?.filter(other => other !== one) ?? []
    if (rest.length > 0) this.#byId.set(one.id, rest)
    else this.#byId.delete(one.id)
    this.#slots.remove(one)
    this.#byInstance.delete(one.instance)
    if (rest.length === 0) this.#events.released(one.id)
  }

  #add(id: string, service: string, place: number, location: Location): Registrant {
    const bytes = new Uint8Array(INSTANCE_BYTES)
    this.#random(bytes)
    const instance = Buffer.from(bytes).toString('base64url')
    const one = this.#slots.add(slot => ({
      ...{
        id,
        service,
        place,
        location,
        isFailing: false,
        locationNumber: 0,
        tries: 0,
        claim: 0,
        delays: 0,
        told: -1,
        flows: -1,
      },
      ...{ ticket: undefined, ticketVersion: -1 },
      ...{ instance, slot, state: initial() },
    }))
    this.#byId.set(id, [...(this.#byId.get(id) ?? []), one])
    this.#byInstance.set(one.instance, one)
    return one
  }
}

const isSame = (a: Location, b: Location): boolean =>
  a.address === b.address && a.priority === b.priority && a.weight === b.weight
