/**
 * Which current instances get no new flows, although no operator drains them: those that do not answer the controller's probes
 * (`ejected`), and those whose hosts report that their own checks fail (`failing`). Both together are at most half of the
 * instances that would get flows: if more are unwell, what they depend on is to blame as likely as they are.
 */
import { type EjectionEvents, Ejections } from './ejections.ts'
import { ownShareOf } from './policy.ts'
import type { InstanceRecord } from './records.ts'
import type { Standing } from './standing.ts'

/** The part of a ledger that it reads and sets. */
interface Known {
  readonly registrations: { readonly known: { bound(id: string): readonly InstanceRecord[] } }
  readonly standing: Standing
}

export class Exclusion {
  readonly ejections: Ejections
  readonly #find: (id: string) => readonly InstanceRecord[]
  readonly #weightOf: (record: InstanceRecord) => number
  /** The failing instances that are out, by id; computed when first asked for after a change. */
  readonly #failing = new Map<string, ReadonlySet<string>>()

  constructor({ registrations, standing }: Known, events: EjectionEvents) {
    this.ejections = new Ejections(events)
    this.#find = id => registrations.known.bound(id)
    this.#weightOf = record => ownShareOf(record, standing).weight
    standing.whyOut = record => this.#why(record)
  }

  /** The instances of an id have changed. */
  changed(id: string): void {
    this.#failing.delete(id)
  }

  /** An operator's rule has changed the weight of some instances. */
  ruled(): void {
    this.#failing.clear()
  }

  #why(record: InstanceRecord): 'ejected' | 'failing' | undefined {
    const { id, address, instance, isFailing = false } = record
    if (this.ejections.has(id, address)) return 'ejected'
    return isFailing && this.#failingOf(id).has(instance) ? 'failing' : undefined
  }

  #failingOf(id: string): ReadonlySet<string> {
    const known = this.#failing.get(id)
    if (known !== undefined) return known
    const found = this.#chosen(id)
    this.#failing.set(id, found)
    return found
  }

  /** All controllers of a registry choose the same ones. */
  #chosen(id: string): ReadonlySet<string> {
    const offered = this.#find(id).filter(record => this.#weightOf(record) > 0)
    const answering = offered.filter(({ address }) => !this.ejections.has(id, address))
    const room = Math.floor(offered.length / 2) - (offered.length - answering.length)
    const failing = answering.flatMap(({ instance, isFailing }) => (isFailing === true ? [instance] : []))
    return new Set(failing.sort().slice(0, Math.max(0, room)))
  }
}
