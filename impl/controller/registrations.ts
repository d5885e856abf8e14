/**
 * All registrations that a controller knows, sans-I/O: what hosts claim comes in, with the time; what is to be stored,
 * confirmed and told goes out. What becomes of a claim the registrar's machine decides, one for each instance
 * (spec/machines/registration/registrar.ts).
 */

import type { Effect } from '../../checker/lower/standalone.ts'
import { must } from '../../checker/text/at.ts'
import { REGISTRAR } from '../../spec/machines/registration/lowered.ts'
import { registrarStep } from '../../spec/machines/registration/step.ts'
import { Timers } from '../host/flows/timers.ts'
import { isCertified, SERVICE_BITS } from '../host/services/serviceId.ts'
import type { RefusalCode } from './errors.ts'
import { type Claimed, Instance } from './instance.ts'
import { GONE_LIMIT, GONE_PER_HOST, KEEP_MS, REGISTRATIONS_LIMIT, REGISTRATIONS_PER_HOST } from './limits.ts'
import { bitsOf, Prefixes } from './prefixes.ts'
import { type InstanceRecord, idIn, keyOf, machineOf } from './records.ts'
import { Shares } from './shares.ts'

export interface RegistrationEvents<Peer> {
  /** The registry is to have this in the place of `revision`; undefined: nothing. */
  readonly store: (key: string, record: InstanceRecord | undefined, revision: number) => void
  /** A shared registry is to see that the lease goes on. */
  readonly renew: (key: string, record: InstanceRecord, revision: number) => void
  readonly confirm: (claimed: Claimed<Peer>, leaseMs: number) => void
  readonly refuse: (claimed: Claimed<Peer>, code: RefusalCode) => void
  /** What the service or prefix with this id resolves to. */
  readonly changed: (id: string) => void
}

export interface RegistrationOptions {
  readonly isShared: boolean
  readonly most?: number
  readonly mostPerHost?: number
  readonly mostGone?: number
  readonly mostGonePerHost?: number
  readonly keepMs?: number
}

/** When a registry that failed is tried again for a lease that ends, ms. */
const RETRY_MS = 1000

const { step } = registrarStep()

export class Registrations<Peer> {
  readonly counters = { stale: 0, refused: 0, expired: 0, conflicts: 0 }
  readonly #events: RegistrationEvents<Peer>
  readonly #options: Required<RegistrationOptions>
  readonly #instances = new Map<string, Instance<Peer>>()
  readonly #there = new Prefixes<Instance<Peer>>()
  readonly #shares: Shares
  readonly #timers = new Timers()
  readonly #slots: (Instance<Peer> | undefined)[] = []
  readonly #freeSlots: number[] = []
  readonly #effects: Effect[] = []
  readonly #fired: number[] = []
  /** While the registry is down nobody's lease ends: the host may be heard by another controller. */
  #isReachable = true
  /** What is known begins here, ms: of an instance that is not known, an older certificate may have been overtaken. */
  #beganMs = 0

  constructor(events: RegistrationEvents<Peer>, options: RegistrationOptions) {
    this.#events = events
    this.#options = {
      most: REGISTRATIONS_LIMIT,
      mostPerHost: REGISTRATIONS_PER_HOST,
      mostGone: GONE_LIMIT,
      mostGonePerHost: GONE_PER_HOST,
      keepMs: KEEP_MS,
      ...options,
    }
    this.#shares = new Shares(this.#options)
  }

  /**
   * The registry can be written to, or not. When it is back every lease begins anew: what other controllers heard
   * meanwhile they could not write. And it may have lost what it knew: old certificates are not believed any more.
   */
  reach(isReachable: boolean, now: number): void {
    if (isReachable) this.#beganMs = now
    if (isReachable && !this.#isReachable)
      for (const instance of this.#instances.values())
        if (instance.record?.state === 'bound') this.#schedule(instance, now + instance.record.leaseMs)
    this.#isReachable = isReachable
  }

  /** Instances that are there, and those that are remembered. */
  get size(): number {
    return this.#instances.size
  }

  /** The instances of a service or prefix that are there. */
  bound(id: string): InstanceRecord[] {
    return [...this.#there.at(id)].map(({ record }) => must(record))
  }

  /** The ids of services and prefixes that have instances. */
  services(): IterableIterator<string> {
    return this.#there.ids()
  }

  /** Those that stand for a service, longest first: of one that certifies itself only its own (docs/services.md). */
  above(service: Uint8Array): string[] {
    const ids = this.#there.above(service)
    return isCertified(service) ? ids.filter(id => bitsOf(id) === SERVICE_BITS) : ids
  }

  /** What is known of an instance besides; undefined for what is not there. */
  instance(key: string): Pick<Instance<Peer>, 'record' | 'dueMs' | 'flows'> | undefined {
    return this.#instances.get(key)
  }

  /** All instances, those included that are remembered, in no order; of a live table. */
  instances(): IterableIterator<Pick<Instance<Peer>, 'record' | 'dueMs' | 'flows'>> {
    return this.#instances.values()
  }

  /** All instances that are there, by key. */
  keys(): string[] {
    return [...this.services()].flatMap(id => [...this.#there.at(id)].map(({ key }) => key)).sort()
  }

  /** How many flows a host counts at its instance. */
  count(key: string, flows: number): void {
    const instance = this.#instances.get(key)
    if (instance !== undefined) instance.flows = flows
  }

  /** A claim whose form, address, lease and certificate are right. */
  claim(claimed: Claimed<Peer>, now: number): void {
    const key = keyOf(claimed.record)
    if (this.#isOvertaken(claimed.record, this.#instances.get(key))) {
      this.counters.stale++
      this.#events.refuse(claimed, 'CONTROLLER_STALE')
      return
    }
    const instance = this.#instances.get(key) ?? this.#add(key, claimed.record.owner)
    const isBack = claimed.kind === 'REGISTER' && instance?.counted === 'gone'
    if (instance === undefined || (isBack && !this.#shares.hasRoom(instance.owner))) {
      this.counters.refused++
      this.#events.refuse(claimed, 'CONTROLLER_LIMIT')
      return
    }
    instance.see(claimed.record)
    if (instance.next !== undefined) instance.waiting = claimed
    else this.#step(instance, claimed.kind, claimed, now)
  }

  /** Whether a newer certificate was seen of the instance, or may have been before all that is known was lost. */
  #isOvertaken({ issuedMs }: InstanceRecord, known: Instance<Peer> | undefined): boolean {
    return issuedMs !== undefined && issuedMs < (known?.issuedMs || this.#beganMs)
  }

  /** The registry has what `store` asked for. */
  stored(key: string, revision: number, now: number): void {
    const instance = this.#instances.get(key)
    if (instance?.next === undefined) return
    const before = instance.record
    instance.record = instance.next.record
    instance.revision = revision
    instance.next = undefined
    if (instance.seen !== undefined && instance.seen.revision <= revision) instance.seen = undefined
    this.#index(instance, before)
    this.#step(instance, 'STORED', instance.asker, now)
    instance.asker = undefined
    this.#goOn(instance, now)
  }

  /** The lease was renewed in the registry, which has it under this revision now. */
  renewed(key: string, revision: number): void {
    const instance = this.#instances.get(key)
    if (instance !== undefined && instance.next === undefined)
      instance.revision = Math.max(instance.revision, revision)
  }

  /** Somebody else has written meanwhile: what was asked is asked again of what they have written. */
  conflicted(key: string, now: number): void {
    const instance = this.#instances.get(key)
    if (instance?.next === undefined) return
    this.counters.conflicts++
    instance.waiting ??= instance.asker
    this.#revert(instance)
    if (instance.seen !== undefined) this.#load(instance, now)
  }

  /** The registry cannot be written to: all is as it was, and who asked is told. */
  failed(key: string, now: number): void {
    const instance = this.#instances.get(key)
    if (instance?.next === undefined) return
    const { asker } = instance
    this.#revert(instance)
    if (asker !== undefined) this.#events.refuse(asker, 'CONTROLLER_REGISTRY')
    if (instance.record === undefined) this.#remove(instance)
    else this.#schedule(instance, now + RETRY_MS)
  }

  /** What the registry has, or has no more, as it tells it. */
  seen(key: string, record: InstanceRecord | undefined, revision: number, now: number): void {
    const known = this.#instances.get(key)
    if (known === undefined && record === undefined) return
    const instance = known ?? must(this.#add(key, must(record).owner, true))
    if (record !== undefined && revision <= instance.revision) return
    instance.seen = { record, revision: record === undefined ? 0 : revision }
    if (instance.next === undefined) this.#load(instance, now)
  }

  nextTimeout(): number {
    return this.#timers.next()
  }

  /** Ends what nobody has refreshed, and forgets what is gone for long enough. */
  poll(now: number): void {
    let hasProbed = !this.#options.isShared || this.#isReachable
    for (let slot = this.#timers.due(now); slot >= 0; slot = this.#timers.due(now)) {
      const instance = this.#slots[slot]
      if (instance === undefined) continue
      // One lease is renewed each time, so that the end of the outage is noticed.
      if (!hasProbed && instance.next === undefined && instance.record?.state === 'bound') {
        hasProbed = true
        this.#events.renew(instance.key, instance.record, instance.revision)
      }
      if (instance.next !== undefined || !this.#isReachable) this.#schedule(instance, now + RETRY_MS)
      else this.#step(instance, 'EXPIRE', undefined, now)
    }
  }

  #step(instance: Instance<Peer>, type: string, claimed: Claimed<Peer> | undefined, now: number): void {
    const { state } = instance
    const before = state.registrar
    const effects = this.#effects
    effects.length = 0
    this.#fired.length = 0
    // The machine copies and compares addresses; what is registered is all that the claim says.
    step(state, { type, version: claimed?.record.version ?? 0, address: 1 }, effects, this.#fired)
    if (type === 'EXPIRE' && before === REGISTRAR.BOUND) this.counters.expired++
    for (const { type: effect } of effects.splice(0)) {
      if (effect === 'store') this.#store(instance, claimed)
      else if (effect === 'lease') this.#lease(instance, type, now)
      else if (effect === 'keep') this.#schedule(instance, this.#keptUntil(instance, now))
      else if (effect === 'confirm' && claimed !== undefined)
        this.#events.confirm(claimed, must(instance.record).leaseMs)
      else if (effect === 'stale' && claimed !== undefined) {
        this.counters.stale++
        this.#events.refuse(claimed, 'CONTROLLER_STALE')
      }
    }
    this.#count(instance)
    if (state.registrar === REGISTRAR.ABSENT && type === 'STORED') this.#remove(instance)
  }

  /** What is there and what is gone have limits of their own. */
  #count(instance: Instance<Peer>): void {
    const { registrar } = instance.state
    const isGone = registrar === REGISTRAR.GONE || registrar === REGISTRAR.EXPIRED
    const kind = isGone ? 'gone' : 'there'
    if (instance.counted === kind) return
    this.#shares.count(instance.owner, instance.counted, -1)
    this.#shares.count(instance.owner, kind, 1)
    instance.counted = kind
  }

  #store(instance: Instance<Peer>, claimed: Claimed<Peer> | undefined): void {
    instance.next = { record: instance.recordAfter(claimed) }
    instance.asker = claimed
    this.#events.store(instance.key, instance.next.record, instance.revision)
  }

  #lease(instance: Instance<Peer>, type: string, now: number): void {
    const record = instance.withCertificate(must(instance.record))
    instance.record = record
    this.#schedule(instance, this.#leaseEnd(record, now))
    if (!this.#options.isShared || type === 'STORED' || !this.#isReachable) return
    this.#events.renew(instance.key, record, instance.revision)
  }

  /** A lease ends with the certificate that it was asked for with: a replay of one prolongs nothing. */
  #leaseEnd({ leaseMs, expiresMs }: InstanceRecord, now: number): number {
    return expiresMs > 0 ? Math.min(now + leaseMs, Math.max(now, expiresMs)) : now + leaseMs
  }

  /** No certificate that was said for it may be believed again. */
  #keptUntil({ expiresMs }: Instance<Peer>, now: number): number {
    return Math.max(now + this.#options.keepMs, expiresMs)
  }

  #revert(instance: Instance<Peer>): void {
    instance.next = undefined
    instance.asker = undefined
    instance.state = machineOf(instance.record)
    this.#count(instance)
  }

  #load(instance: Instance<Peer>, now: number): void {
    const { record, revision } = must(instance.seen)
    const before = instance.record
    instance.seen = undefined
    instance.record = record
    instance.revision = revision
    if (record !== undefined) instance.see(record)
    instance.state = machineOf(record)
    this.#count(instance)
    this.#index(instance, before)
    if (record !== undefined)
      this.#schedule(
        instance,
        record.state === 'bound' ? now + record.leaseMs : this.#keptUntil(instance, now),
      )
    this.#goOn(instance, now)
  }

  /** What came meanwhile has its turn. */
  #goOn(instance: Instance<Peer>, now: number): void {
    const { waiting } = instance
    instance.waiting = undefined
    if (waiting !== undefined && this.#instances.has(instance.key))
      this.#step(instance, waiting.kind, waiting, now)
    else if (waiting !== undefined) this.claim(waiting, now)
    else if (instance.record === undefined) this.#remove(instance)
  }

  /** Undefined: there is no room. What the registry has is taken in any case. */
  #add(key: string, owner: string, isStored = false): Instance<Peer> | undefined {
    if (!isStored && !this.#shares.hasRoom(owner)) return undefined
    const instance = new Instance<Peer>(key, owner, this.#freeSlots.pop() ?? this.#slots.length)
    this.#slots[instance.slot] = instance
    this.#instances.set(key, instance)
    this.#shares.count(owner, instance.counted, 1)
    return instance
  }

  #remove(instance: Instance<Peer>): void {
    if (!this.#instances.delete(instance.key)) return
    this.#timers.cancel(instance.slot)
    this.#slots[instance.slot] = undefined
    this.#freeSlots.push(instance.slot)
    this.#shares.count(instance.owner, instance.counted, -1)
  }

  #schedule(instance: Instance<Peer>, dueMs: number): void {
    instance.dueMs = dueMs
    this.#timers.schedule(instance.slot, dueMs)
  }

  /** Keeps the list of instances that are there, by service. */
  #index(instance: Instance<Peer>, before: InstanceRecord | undefined): void {
    const id = idIn(instance.key)
    if (instance.record?.state === 'bound') this.#there.add(id, instance)
    else this.#there.delete(id, instance)
    if (!leadsAlike(before, instance.record)) this.#events.changed(id)
  }
}

/** Whether a service resolves the same with either. */
function leadsAlike(a: InstanceRecord | undefined, b: InstanceRecord | undefined): boolean {
  if (a?.state !== 'bound' || b?.state !== 'bound') return a?.state !== 'bound' && b?.state !== 'bound'
  return a.address === b.address && a.priority === b.priority && a.weight === b.weight
}
