/** The instances that a controller knows, by key, each with a timer. Current ones are also found by service. */
import { must } from '../../checker/text/at.ts'
import { TimedSlots } from '../host/flows/timedSlots.ts'
import { TIMERS_LIMIT } from '../host/flows/timers.ts'
import { isCertified, SERVICE_BITS } from '../host/services/serviceId.ts'
import { Instance } from './instance.ts'
import { bitsOf, Prefixes } from './prefixes.ts'
import { type InstanceRecord, idIn } from './records.ts'

/** What others may read. */
export type KnownInstances<Peer> = Pick<
  InstanceTable<Peer>,
  | 'size'
  | 'evicted'
  | 'failing'
  | 'get'
  | 'values'
  | 'bound'
  | 'count'
  | 'services'
  | 'above'
  | 'keys'
  | 'keysAt'
  | 'reindex'
>

export class InstanceTable<Peer> {
  readonly #byKey = new Map<string, Instance<Peer>>()
  readonly #current = new Prefixes<Instance<Peer>>()
  readonly #evicted = new Set<Instance<Peer>>()
  readonly #failing = new Set<Instance<Peer>>()
  readonly #slots = new TimedSlots<Instance<Peer>>()
  /** Records so far. */
  #records = 0
  readonly #mayServe: (record: InstanceRecord) => boolean

  /** `mayServe`: whether a current instance is found by its service. */
  constructor(mayServe: (record: InstanceRecord) => boolean = () => true) {
    this.#mayServe = mayServe
  }

  get size(): number {
    return this.#byKey.size
  }

  get(key: string): Instance<Peer> | undefined {
    return this.#byKey.get(key)
  }

  /** In no order. The table is live. */
  values(): MapIterator<Instance<Peer>> {
    return this.#byKey.values()
  }

  /** Returns the current instances of a service or prefix. */
  bound(id: string): InstanceRecord[] {
    return [...this.#current.at(id)].map(({ record }) => must(record))
  }

  /** Returns the number of current instances of a service or prefix. */
  count(id: string): number {
    return this.#current.count(id)
  }

  /** The ids of services and prefixes with current instances. */
  services(): IterableIterator<string> {
    return this.#current.ids()
  }

  /**
   * Returns the ids that cover a service, longest first. A keyed service is covered only by its own id
   * (docs/services.md).
   */
  above(service: Uint8Array): string[] {
    const ids = this.#current.above(service)
    return isCertified(service) ? ids.filter(id => bitsOf(id) === SERVICE_BITS) : ids
  }

  /** Returns the keys of all current and evicted instances. */
  keys(): string[] {
    const current = [...this.services()].flatMap(id => [...this.#current.at(id)])
    return [...current, ...this.#evicted].map(({ key }) => key).sort()
  }

  /** Returns the keys of the instances of an id in this state, current or evicted, at this address. */
  keysAt(id: string, address: string, state: 'bound' | 'evicted'): string[] {
    const those = state === 'bound' ? this.#current.at(id) : this.#evicted
    return [...those].flatMap(({ key, record }) =>
      idIn(key) === id && record?.address === address ? [key] : [],
    )
  }

  /** The number of current instances whose hosts report that they fail. */
  get failing(): number {
    return this.#failing.size
  }

  /** The number of evicted instances. */
  get evicted(): number {
    return this.#evicted.size
  }

  /** Returns the instance that this ticket stands for, for the host that got it, if its addresses begin with `host`. */
  held(ticket: number, peer: Peer, host: string): Instance<Peer> | undefined {
    const instance = this.#slots.at(ticket % TIMERS_LIMIT)
    if (instance?.ticket !== ticket || instance.holder !== peer || instance.next !== undefined)
      return undefined
    return instance.record?.address.startsWith(host) ? instance : undefined
  }

  /** The instance's record has changed, and earlier tickets stand for nothing any more. Returns whether it began or ceased to be vouched for. */
  index(instance: Instance<Peer>): boolean {
    const { record, isUnvouched } = instance
    instance.holder = undefined
    instance.ticket = ++this.#records * TIMERS_LIMIT + instance.slot
    const id = record?.id ?? idIn(instance.key)
    const isBound = record?.state === 'bound'
    instance.isUnvouched = isBound && !this.#mayServe(record)
    if (isBound && !instance.isUnvouched) this.#current.add(id, instance)
    else this.#current.delete(id, instance)
    if (record?.state === 'evicted') this.#evicted.add(instance)
    else this.#evicted.delete(instance)
    if (isBound && record.isFailing === true) this.#failing.add(instance)
    else this.#failing.delete(instance)
    return instance.isUnvouched !== isUnvouched
  }

  /** Other instances may serve now. Returns the ids of those that began or ended to. */
  reindex(): Set<string> {
    const changed = new Set<string>()
    for (const instance of this.values()) if (this.index(instance)) changed.add(idIn(instance.key))
    return changed
  }

  add(key: string, owner: string): Instance<Peer> {
    const instance = this.#slots.add(slot => new Instance<Peer>(key, owner, slot))
    this.#byKey.set(key, instance)
    return instance
  }

  /** Returns whether the instance was there. */
  remove(instance: Instance<Peer>): boolean {
    if (!this.#byKey.delete(instance.key)) return false
    this.#evicted.delete(instance)
    this.#failing.delete(instance)
    this.#slots.remove(instance)
    return true
  }

  /** The instance is due at this time, ms, and no more at an earlier one. */
  schedule(instance: Instance<Peer>, dueMs: number): void {
    instance.dueMs = dueMs
    this.#slots.schedule(instance, dueMs)
  }

  /** Returns when the next instance is due, ms. */
  nextTimeout(): number {
    return this.#slots.next()
  }

  /** Yields the instances that are due; each is due once. */
  due(now: number): Generator<Instance<Peer>> {
    return this.#slots.due(now)
  }
}
