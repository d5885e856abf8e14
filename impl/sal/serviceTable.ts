/**
 * What becomes of the first packet of a flow: rules by prefixes of serviceIDs. The longest prefix that matches decides,
 * within it the highest priority, within that chance by weight (invariant 43).
 *
 * A rule of weight 0 is draining: it takes part in nothing, as if it had been removed already, but keeps its counters.
 */
import { ServiceError } from './serviceErrors.ts'
import type { ServicePrefix } from './serviceId.ts'

/** What a rule does. A listener is the host's own; an address is one of impl/link. */
export type Target<Listener> =
  | { readonly kind: 'demux'; readonly listener: Listener }
  | { readonly kind: 'forward'; readonly address: number }
  | { readonly kind: 'delay' }
  | { readonly kind: 'drop' }

/** One rule as it stands in the table. `resolved` counts how often it was chosen. */
export interface Rule<Listener> {
  readonly prefix: ServicePrefix
  readonly target: Target<Listener>
  readonly priority: number
  readonly weight: number
  readonly resolved: number
}

/** What the prototype gives a local listener: above what controllers give. */
export const LISTEN_PRIORITY = 32_000
export const LISTEN_WEIGHT = 1024
/** Of the default rule: below everything. */
export const DEFAULT_PRIORITY = 1

/** Priorities and weights are 32 bits; sums of weights stay exact. */
export const RANK_LIMIT = 2 ** 32 - 1
/** A host's table. A router has another. */
export const RULES_LIMIT = 65_536
/** Choosing among the targets of one prefix looks at all of them. */
export const TARGETS_LIMIT = 1024

interface Entry<Listener> {
  readonly prefix: ServicePrefix
  readonly target: Target<Listener>
  priority: number
  weight: number
  resolved: number
}

export class ServiceTable<Listener> {
  /** Rules by prefix, in the order of their coming, by length. Longest first. */
  #lengths: { readonly bits: number; readonly prefixes: Map<string, Entry<Listener>[]> }[] = []
  #size = 0
  #missed = 0

  /** How many rules there are. */
  get size(): number {
    return this.#size
  }

  /** How many resolutions found nothing. */
  get missed(): number {
    return this.#missed
  }

  /**
   * Adds a rule. Prefix and target name it: adding it again changes priority and weight and keeps the counters.
   * Throws a ServiceError.
   */
  add(prefix: ServicePrefix, target: Target<Listener>, priority: number, weight: number): void {
    check('SERVICE_PRIORITY', 'priority', priority)
    check('SERVICE_WEIGHT', 'weight', weight)
    const entries = this.#entriesFor(prefix)
    const known = entries.find(entry => isSame(entry.target, target))
    if (known) {
      known.priority = priority
      known.weight = weight
      return
    }
    if (this.#size >= RULES_LIMIT || entries.length >= TARGETS_LIMIT)
      throw new ServiceError(
        'SERVICE_FULL',
        `there is no room for a rule for '${prefix.text}': remove others`,
      )
    entries.push({ prefix, target, priority, weight, resolved: 0 })
    this.#size++
  }

  /** Removes the rule with this prefix and target; false if there is none. */
  remove(prefix: ServicePrefix, target: Target<Listener>): boolean {
    const length = this.#lengths.find(({ bits }) => bits === prefix.bits)
    const key = keyOf(prefix.id, 0, prefix.bits)
    const entries = length?.prefixes.get(key)
    const index = entries?.findIndex(entry => isSame(entry.target, target)) ?? -1
    if (index < 0) return false
    entries!.splice(index, 1)
    this.#size--
    if (entries!.length === 0) length!.prefixes.delete(key)
    this.#lengths = this.#lengths.filter(({ prefixes }) => prefixes.size > 0)
    return true
  }

  /** The target for the serviceID at `at`; `pick`, in [0, 1), chooses by weight. Undefined: no rule matches. */
  resolve(bytes: Uint8Array, pick: number, at = 0): Target<Listener> | undefined {
    for (const { bits, prefixes } of this.#lengths) {
      const entries = prefixes.get(keyOf(bytes, at, bits))
      const chosen = entries && choose(entries, pick)
      if (!chosen) continue
      chosen.resolved++
      return chosen.target
    }
    this.#missed++
    return undefined
  }

  /** All rules: longest prefixes first, then by serviceID, priority, order of coming. */
  rules(): readonly Rule<Listener>[] {
    return this.#lengths.flatMap(({ prefixes }) =>
      [...prefixes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, entries]) => entries.toSorted((a, b) => b.priority - a.priority)),
    )
  }

  #entriesFor({ id, bits }: ServicePrefix): Entry<Listener>[] {
    let length = this.#lengths.find(one => one.bits === bits)
    if (!length) {
      length = { bits, prefixes: new Map() }
      this.#lengths.push(length)
      this.#lengths.sort((a, b) => b.bits - a.bits)
    }
    const key = keyOf(id, 0, bits)
    let entries = length.prefixes.get(key)
    if (!entries) {
      entries = []
      length.prefixes.set(key, entries)
    }
    return entries
  }
}

function check(code: 'SERVICE_PRIORITY' | 'SERVICE_WEIGHT', name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= RANK_LIMIT))
    throw new ServiceError(code, `a ${name} is an integer from 0 to ${RANK_LIMIT}, not ${value}`)
}

const isSame = <Listener>(a: Target<Listener>, b: Target<Listener>): boolean => {
  if (a.kind === 'demux') return b.kind === 'demux' && a.listener === b.listener
  if (a.kind === 'forward') return b.kind === 'forward' && a.address === b.address
  return a.kind === b.kind
}

/** The first `bits` bits as a string of one character a byte. */
function keyOf(bytes: Uint8Array, at: number, bits: number): string {
  let key = ''
  for (let bit = 0; bit < bits; bit += 8) {
    const byte = bytes[at + (bit >> 3)]!
    key += String.fromCharCode(bits - bit >= 8 ? byte : byte & (0xff00 >> (bits - bit)))
  }
  return key
}

/** One of the highest priority that is not draining, by weight. */
function choose<Listener>(entries: readonly Entry<Listener>[], pick: number): Entry<Listener> | undefined {
  let priority = -1
  let total = 0
  for (const entry of entries) {
    if (entry.weight === 0 || entry.priority < priority) continue
    if (entry.priority > priority) total = 0
    priority = entry.priority
    total += entry.weight
  }
  let left = pick * total
  for (const entry of entries) {
    if (entry.weight === 0 || entry.priority !== priority) continue
    if (left < entry.weight) return entry
    left -= entry.weight
  }
  return undefined
}
