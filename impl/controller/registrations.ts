/**
 * All registrations that a controller knows, sans-I/O: claims of hosts and the time come in; writes, confirmations and
 * notifications go out. The registrar's machine decides about claims, one machine for each instance
 * (spec/machines/registration/registrar.ts).
 */

import { none } from '../../checker/lower/typed.ts'
import { must } from '../../checker/text/at.ts'
import type { RegistrarEffect } from '../../spec/machines/registration/compiled.ts'
import type { RegistrarEvent } from '../../spec/machines/registration/registrar.ts'
import { REGISTRAR } from '../../spec/machines/registration/states.ts'
import { registrarStep } from '../../spec/machines/registration/step.ts'
import { type Claimed, Instance, isLasting, leadsAlike, type Outcome } from './instance.ts'
import { InstanceTable, type KnownInstances } from './instanceTable.ts'
import { Leases } from './leases.ts'
import { EVICTED_KEEP_MS, RETRY_MS } from './limits.ts'
import { type InstanceRecord, keyOf, machineOf } from './records.ts'
import {
  REGISTRATION_LIMITS,
  type RegistrationEvents,
  type RegistrationOptions,
} from './registrationOptions.ts'
import { Shares } from './shares.ts'

const { step } = registrarStep()

export class Registrations<Peer> {
  readonly counters = { stale: 0, refused: 0, denied: 0, expired: 0, conflicts: 0 }
  readonly #events: RegistrationEvents<Peer>
  readonly #options: Required<Omit<RegistrationOptions, 'keepers' | 'mayServe'>>
  readonly #leases: Leases<Peer>
  readonly #instances: InstanceTable<Peer>
  readonly #shares: Shares
  readonly #effects: RegistrarEffect[] = []
  readonly #fired: number[] = []
  /** When an unreachable registry is tried again, ms. */
  #probeMs = Infinity
  /** The registry has lost its records, and does not answer yet. */
  #isLost = false
  /** When this memory began, ms: certificates of unknown instances signed earlier may have been superseded. */
  #beganMs = 0

  constructor(events: RegistrationEvents<Peer>, options: RegistrationOptions) {
    this.#events = events
    this.#options = { ...REGISTRATION_LIMITS, ...options }
    this.#instances = new InstanceTable(options.mayServe)
    this.#leases = new Leases(options, {
      extend: (instance, now, endMs) => this.#schedule(instance, now, endMs),
      hold: (instance, untilMs) => this.#instances.schedule(instance, untilMs),
      expire: (instance, now) => this.#step(instance, 'EXPIRE', undefined, now),
      renew: events.renew,
    })
    this.#shares = new Shares(this.#options)
  }

  /**
   * The registry has become writable or unwritable. When it is back every lease starts over, because other controllers
   * could not write what they heard. It may also have lost records: old certificates are not trusted any more.
   */
  reach(isReachable: boolean, now: number): void {
    if (isReachable) this.#beganMs = now
    const isBack = isReachable && (!this.#leases.isReachable || this.#isLost)
    if (isReachable) this.#probeMs = Infinity
    else if (this.#leases.isReachable && this.#options.isShared) this.#probeMs = now + RETRY_MS
    this.#leases.isReachable = isReachable
    if (isBack) this.restart(now)
  }

  /** The registry has lost its records: what it reports from now on is newer than all that is known. */
  lose(): void {
    this.#isLost = true
    for (const instance of this.#instances.values()) {
      instance.revision = 0
      instance.seen = undefined
    }
  }

  /** The registry has returned, or the controller continues. Renewals may have been missed, and records lost. */
  restart(now: number): void {
    for (const instance of this.#instances.values())
      if (instance.record !== undefined && isLasting(instance.record))
        this.#leases.returned(instance, this.#isLost, now)
    this.#isLost = false
  }

  /** All current and remembered instances. */
  get known(): KnownInstances<Peer> {
    return this.#instances
  }

  /** The number of current instances, and of those that are being registered. */
  get current(): number {
    return this.#shares.there
  }

  /**
   * Carries out an operator's order. `settle` receives the result: `again` while the registry stores something else of the
   * instance, or another controller was faster.
   */
  order(key: string, type: 'EVICT' | 'ADMIT', settle: (outcome: Outcome) => void, now: number): void {
    const instance = this.#instances.get(key)
    if (instance === undefined) settle('none')
    else if (instance.next !== undefined) settle('again')
    else {
      this.#step(instance, type, undefined, now)
      if (instance.next === undefined) settle('none')
      else instance.settle = settle
    }
  }

  /** Sets the host's flow count of its instance. */
  count(key: string, flows: number): void {
    const instance = this.#instances.get(key)
    if (instance !== undefined) instance.flows = flows
  }

  /** Processes a claim whose form, address, lease and certificate are valid. The machine denies one with a refusal. */
  claim(claimed: Claimed<Peer>, now: number): void {
    const key = keyOf(claimed.record)
    const known = this.#instances.get(key)
    if (claimed.refusal !== undefined)
      this.#step(known ?? new Instance(key, claimed.record.owner, -1), claimed.kind, claimed, now)
    else if (this.#isOvertaken(claimed.record, known)) this.#refuseStale(claimed)
    else this.#process(claimed, known ?? this.#add(key, claimed.record.owner), now)
  }

  #process(claimed: Claimed<Peer>, instance: Instance<Peer> | undefined, now: number): void {
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

  /** Renews the lease that this ticket stands for, like a claim of the version that was confirmed with it. Returns false if there is none. */
  renew(ticket: number, peer: Peer, host: string, now: number): boolean {
    const instance = this.#instances.held(ticket, peer, host)
    if (instance !== undefined) this.#step(instance, 'REGISTER', undefined, now, instance.state.known)
    return instance !== undefined
  }

  /** True if a newer certificate of the instance was seen, or may have been seen before this memory began. */
  #isOvertaken({ issuedMs }: InstanceRecord, known: Instance<Peer> | undefined): boolean {
    return issuedMs !== undefined && issuedMs < (known?.issuedMs || this.#beganMs)
  }

  /** The registry has completed a `store`. */
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
    instance.settled('stored')
    this.#goOn(instance, now)
  }

  /** The registry has renewed the lease with this record, under this revision. */
  renewed(key: string, record: InstanceRecord, revision: number, now: number): void {
    const instance = this.#instances.get(key)
    if (instance === undefined || instance.next !== undefined || revision <= instance.revision) return
    instance.revision = revision
    const { keeper, vouchedBy } = record
    if (instance.record === undefined) return
    if (keeper !== undefined) instance.record = { ...instance.record, keeper }
    // A renewal with another key may have come meanwhile: the record lacks what this controller has heard.
    const isWhole = vouchedBy === instance.record.vouchedBy
    if (isWhole && instance.record.state === 'bound') this.#leases.loaded(instance, now, instance.dueMs)
  }

  /** Another controller wrote first: decides again from its record. */
  conflicted(key: string, now: number): void {
    const instance = this.#instances.get(key)
    if (instance?.next === undefined) return
    this.counters.conflicts++
    instance.waiting ??= instance.asker
    this.#revert(instance)
    instance.settled('again')
    if (instance.seen !== undefined) this.#load(instance, now)
    // The other controller's record is still on its way.
    else if (instance.record !== undefined)
      this.#instances.schedule(instance, Math.max(instance.dueMs, now + RETRY_MS))
  }

  /** The registry refused the write: restores the old state and reports the failure to the host. */
  failed(key: string, now: number): void {
    const instance = this.#instances.get(key)
    if (instance?.next === undefined) return
    const { asker } = instance
    this.#revert(instance)
    instance.settled('failed')
    if (asker !== undefined) this.#events.refuse(asker, 'CONTROLLER_REGISTRY')
    const { record, dueMs } = instance
    if (record === undefined) this.#remove(instance)
    // Its host is alive, and repeats the change.
    else if (asker?.kind === 'REGISTER' && record.state === 'bound')
      this.#instances.schedule(instance, instance.leaseEnd(record, now))
    else this.#instances.schedule(instance, Math.max(dueMs, now + RETRY_MS))
  }

  /** The registry reports a record, or its removal. */
  seen(key: string, record: InstanceRecord | undefined, revision: number, now: number): void {
    const known = this.#instances.get(key)
    if (known === undefined && record === undefined) return
    const instance = known ?? must(this.#add(key, must(record).owner, true))
    if (record !== undefined && revision <= instance.revision) return
    instance.seen = { record, revision: record === undefined ? 0 : revision }
    if (instance.next === undefined) this.#load(instance, now)
  }

  nextTimeout(): number {
    return Math.min(this.#instances.nextTimeout(), this.#probeMs)
  }

  /** Expires leases that were not renewed, and forgets instances that ended long enough ago. */
  poll(now: number): void {
    if (this.#probeMs <= now) this.#probe(now)
    for (const instance of this.#instances.due(now))
      if (instance.next !== undefined) this.#instances.schedule(instance, now + RETRY_MS)
      else this.#leases.due(instance, now)
  }

  /** Renews one lease, to detect the end of an outage of a shared registry. */
  #probe(now: number): void {
    this.#probeMs = now + RETRY_MS
    for (const { key, record, revision, next } of this.#instances.values()) {
      if (next !== undefined || record?.state !== 'bound') continue
      this.#events.renew(key, record, revision)
      return
    }
  }

  #step(
    instance: Instance<Peer>,
    type: RegistrarEvent['type'],
    claimed: Claimed<Peer> | undefined,
    now: number,
    version = claimed?.record.version ?? 0,
  ): void {
    const { state } = instance
    const before = state.registrar
    const effects = this.#effects
    effects.length = 0
    this.#fired.length = 0
    // The machine only copies and compares addresses; the claim itself holds the real one.
    const allowed = claimed?.refusal === undefined ? 1 : 0
    step(state, { type, version, address: 1, allowed }, effects, this.#fired)
    if (type === 'EXPIRE' && before === REGISTRAR.BOUND) this.counters.expired++
    for (const effect of effects.splice(0))
      switch (effect.type) {
        case 'store':
          this.#store(instance, claimed)
          break
        case 'lease':
          this.#lease(instance, type, claimed, now)
          break
        case 'keep':
          this.#keep(instance, type, now)
          break
        case 'confirm':
          if (claimed !== undefined)
            this.#events.confirm(claimed, must(instance.record).leaseMs, instance.hold(claimed.peer))
          break
        case 'reject':
          if (claimed !== undefined) this.#events.refuse(claimed, 'CONTROLLER_EVICTED')
          break
        case 'deny':
          this.counters.denied++
          if (claimed?.refusal !== undefined) this.#events.refuse(claimed, claimed.refusal.code)
          break
        case 'stale':
          if (claimed !== undefined) this.#refuseStale(claimed)
          break
        default:
          none(effect)
      }
    this.#count(instance)
    if (state.registrar === REGISTRAR.ABSENT && type === 'STORED') this.#remove(instance)
  }

  #refuseStale(claimed: Claimed<Peer>): void {
    this.counters.stale++
    this.#events.refuse(claimed, 'CONTROLLER_STALE')
  }

  /** Current and ended instances have separate limits. */
  #count(instance: Instance<Peer>): void {
    const { registrar } = instance.state
    const kind = registrar === REGISTRAR.ABSENT || registrar === REGISTRAR.BOUND ? 'there' : 'gone'
    if (instance.counted === kind) return
    this.#shares.count(instance.owner, instance.counted, -1)
    this.#shares.count(instance.owner, kind, 1)
    instance.counted = kind
  }

  #store(instance: Instance<Peer>, claimed: Claimed<Peer> | undefined): void {
    const record = instance.recordAfter(claimed)
    instance.next = { record: record && this.#leases.kept(record) }
    instance.asker = claimed
    this.#events.store(instance.key, instance.next.record, instance.revision)
  }

  #lease(instance: Instance<Peer>, type: string, claimed: Claimed<Peer> | undefined, now: number): void {
    const before = instance.record
    const record = instance.recordRenewedBy(claimed)
    instance.record = record
    if (record.vouchedBy !== before?.vouchedBy) this.#index(instance, before)
    const endMs = instance.leaseEnd(record, now)
    if (type === 'STORED') this.#leases.loaded(instance, now, endMs)
    else this.#leases.renewed(instance, before, now, endMs)
  }

  /** Remembers an instance that is out. The host of an evicted one is alive, which other controllers should know. */
  #keep(instance: Instance<Peer>, type: string, now: number): void {
    this.#schedule(instance, now)
    if (type !== 'STORED' && instance.record?.state === 'evicted') this.#leases.tell(instance)
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
    if (record?.state === 'bound') this.#leases.loaded(instance, now, now + record.leaseMs)
    else if (record !== undefined) this.#schedule(instance, now)
    this.#goOn(instance, now)
  }

  /** Processes what arrived during the write. */
  #goOn(instance: Instance<Peer>, now: number): void {
    const { waiting } = instance
    instance.waiting = undefined
    if (waiting !== undefined && this.#instances.get(instance.key) !== undefined)
      this.#step(instance, waiting.kind, waiting, now)
    else if (waiting !== undefined) this.claim(waiting, now)
    else if (instance.record === undefined) this.#remove(instance)
  }

  /** Returns undefined if there is no room. Records of the registry are always accepted. */
  #add(key: string, owner: string, isStored = false): Instance<Peer> | undefined {
    if (!isStored && !this.#shares.hasRoom(owner)) return undefined
    const instance = this.#instances.add(key, owner)
    this.#shares.count(owner, instance.counted, 1)
    return instance
  }

  #remove(instance: Instance<Peer>): void {
    if (!this.#instances.remove(instance)) return
    this.#shares.count(instance.owner, instance.counted, -1)
  }

  /** Starts the lease of a current instance, a whole one unless `endMs` says otherwise, or the time for which another is remembered. */
  #schedule(instance: Instance<Peer>, now: number, endMs?: number): void {
    const { record } = instance
    const keepMs = record?.state === 'evicted' ? EVICTED_KEEP_MS : this.#options.keepMs
    const wholeMs = record?.state === 'bound' ? now + record.leaseMs : instance.keptUntil(now + keepMs)
    this.#instances.schedule(instance, endMs ?? wholeMs)
  }

  #index(instance: Instance<Peer>, before: InstanceRecord | undefined): void {
    const isOther = this.#instances.index(instance) || !leadsAlike(before, instance.record)
    const named = instance.record ?? before
    if (named && isOther) this.#events.changed(named.id, named.service)
  }
}
