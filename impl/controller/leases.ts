/**
 * The leases of a controller's instances, sans-I/O. The keeper's machine decides when a lease starts over, when it ends, and what
 * the other controllers of the registry hear of it (spec/machines/registration/keeper.ts).
 */
import { none } from '../../checker/lower/typed.ts'
import { must } from '../../checker/text/at.ts'
import type { KeeperEffect } from '../../spec/machines/registration/compiled.ts'
import type { KeeperEvent } from '../../spec/machines/registration/keeper.ts'
import { keeperStep } from '../../spec/machines/registration/step.ts'
import type { Instance } from './instance.ts'
import { RETRY_MS } from './limits.ts'
import type { InstanceRecord } from './records.ts'
import type { RegistrationEvents, RegistrationOptions } from './registrationOptions.ts'

interface LeaseEvents<Peer> extends Pick<RegistrationEvents<Peer>, 'renew'> {
  /** The lease ends at `endMs`; a whole lease from now without it. */
  readonly extend: (instance: Instance<Peer>, now: number, endMs: number | undefined) => void
  readonly hold: (instance: Instance<Peer>, untilMs: number) => void
  readonly expire: (instance: Instance<Peer>, now: number) => void
}

const { step, initial } = keeperStep()

/** Renewals are frequent. */
const UNCHANGED: KeeperEvent = { type: 'RENEWED', changed: 0 }
const CHANGED: KeeperEvent = { type: 'RENEWED', changed: 1 }

export class Leases<Peer> {
  /** The registry answers. */
  isReachable = true
  readonly #options: Pick<RegistrationOptions, 'isShared' | 'keepers'>
  readonly #events: LeaseEvents<Peer>
  readonly #state = initial()
  readonly #effects: KeeperEffect[] = []
  readonly #fired: number[] = []

  constructor(options: Pick<RegistrationOptions, 'isShared' | 'keepers'>, events: LeaseEvents<Peer>) {
    this.#options = options
    this.#events = events
  }

  /** Returns the record with this controller as its keeper, if the registry is shared. */
  kept(record: InstanceRecord): InstanceRecord {
    const { keepers } = this.#options
    return keepers === undefined ? record : { ...record, keeper: keepers.own }
  }

  /** The registry has the instance's record. The lease lasts until `endMs`. */
  loaded(instance: Instance<Peer>, now: number, endMs: number): void {
    const { isShared, keepers } = this.#options
    const isOwn = !isShared || (keepers !== undefined && must(instance.record).keeper === keepers.own)
    this.#step(instance, { type: 'LOADED', own: isOwn ? 1 : 0 }, now, endMs)
  }

  /** The host has renewed the lease, which lasts until `endMs`. The record was `before`. */
  renewed(instance: Instance<Peer>, before: InstanceRecord | undefined, now: number, endMs: number): void {
    const { expiresMs, vouchedBy } = must(instance.record)
    // A certificate makes older ones worthless at every controller. One controller remembers that itself.
    const isChanged = vouchedBy !== before?.vouchedBy || (this.#options.isShared && expiresMs > 0)
    this.#step(instance, isChanged ? CHANGED : UNCHANGED, now, endMs)
  }

  /** The registry answers again, or the controller continues. `isLost`: the registry has lost its records. */
  returned(instance: Instance<Peer>, isLost: boolean, now: number): void {
    const isMissing = isLost && instance.revision === 0 && instance.next === undefined
    this.#step(instance, { type: 'RETURNED', lost: isMissing ? 1 : 0 }, now)
  }

  /** The time of an instance has run out. One that is not current is forgotten as soon as the registry answers. */
  due(instance: Instance<Peer>, now: number): void {
    const { record } = instance
    const able = this.isReachable ? 1 : 0
    if (record?.state === 'bound')
      this.#step(instance, { type: 'DUE', able, silent: this.#heldUntil(record) > now ? 0 : 1 }, now)
    else if (able === 1) this.#events.expire(instance, now)
    else this.#events.hold(instance, now + RETRY_MS)
  }

  /** Tells the other controllers that the host has been heard. */
  tell(instance: Instance<Peer>): void {
    if (this.#options.isShared && this.isReachable)
      this.#events.renew(instance.key, this.kept(must(instance.record)), instance.revision)
  }

  #heldUntil(record: InstanceRecord): number {
    return this.#options.keepers?.holdsUntil(record) ?? -Infinity
  }

  #step(instance: Instance<Peer>, event: KeeperEvent, now: number, endMs?: number): void {
    const effects = this.#effects
    effects.length = 0
    this.#fired.length = 0
    this.#state.keeper = instance.keeper
    step(this.#state, event, effects, this.#fired)
    instance.keeper = this.#state.keeper
    for (const { type } of effects.splice(0))
      switch (type) {
        case 'extend':
          this.#events.extend(instance, now, endMs)
          break
        case 'announce':
          if (this.isReachable)
            this.#events.renew(instance.key, this.kept(must(instance.record)), instance.revision)
          break
        case 'restore':
          this.#events.renew(instance.key, must(instance.record), 0)
          break
        case 'hold':
          this.#events.hold(
            instance,
            this.isReachable ? this.#heldUntil(must(instance.record)) : now + RETRY_MS,
          )
          break
        case 'expire':
          this.#events.expire(instance, now)
          break
        default:
          none(type)
      }
  }
}
