/**
 * What becomes of the first packet of a flow: rules by prefixes of serviceIDs. The longest prefix that matches decides,
 * within it the highest priority, within that chance by weight (invariant 43).
 *
 * A rule of weight 0 is draining: resolution goes on as if it had been removed already, but it keeps its counter, and
 * flows that it led somewhere stay there.
 */
import type { Address } from '../link/link.ts'
import { ServiceError } from './serviceErrors.ts'
import type { ServicePrefix } from './serviceId.ts'

/** What a rule does. A listener is the host's own. */
export type Target<Listener> =
  | { readonly kind: 'demux'; readonly listener: Listener }
  | { readonly kind: 'forward'; readonly address: Address }
  | { readonly kind: 'delay' }
  | { readonly kind: 'drop' }

/** One rule as it stood when it was listed. `resolved` counts how often it was chosen. */
export interface Rule<Listener> {
  readonly prefix: ServicePrefix
  readonly target: Target<Listener>
  readonly priority: number
  readonly weight: number
  readonly resolved: number
}

type Entry<Listener> = { -readonly [Part in keyof Rule<Listener>]: Rule<Listener>[Part] }

/** The prototype's, for listeners of this host: above what controllers give. */
export const LISTEN_PRIORITY = 32_000
export const LISTEN_WEIGHT = 1024
/** The prototype's, for the default rule. */
export const DEFAULT_PRIORITY = 1

/** Priorities and weights have 32 bits, so that sums of weights are exact. */
export const PRIORITY_LIMIT = 2 ** 32 - 1
export const WEIGHT_LIMIT = 2 ** 32 - 1
/** Enough for the listeners of a host and what it forwards. */
export const RULES_LIMIT = 65_536
/** Of one prefix: to choose among them is to look at each. */
export const TARGETS_LIMIT = 1024

export class ServiceTable<Listener> {
  /** By length, longest first; by prefix; in the order of coming. None of these is empty. */
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
   * Adds a rule. Prefix and target name it: adding it again changes priority and weight, and nothing else (invariant
   * 48). Throws a ServiceError.
   */
  add(prefix: ServicePrefix, target: Target<Listener>, priority: number, weight: number): void {
    checkRange('SERVICE_PRIORITY', 'priority', priority, PRIORITY_LIMIT)
    checkRange('SERVICE_WEIGHT', 'weight', weight, WEIGHT_LIMIT)
    const entries = this.#entriesOf(prefix)
    const known = entries?.find(entry => isSame(entry.target, target))
    if (known) {
      known.priority = priority
      known.weight = weight
      return
    }
    if (this.#size >= RULES_LIMIT || (entries?.length ?? 0) >= TARGETS_LIMIT)
      throw new ServiceError('SERVICE_FULL', `no room for a rule for '${prefix.text}': remove others first`)
    const entry = { prefix, target, priority, weight, resolved: 0 }
    if (entries) entries.push(entry)
    else this.#prefixesOf(prefix.bits).set(keyOf(prefix.id, 0, prefix.bits), [entry])
    this.#size++
  }

  /** Removes the rule with this prefix and target. False: there is none, and nothing was done. */
  remove(prefix: ServicePrefix, target: Target<Listener>): boolean {
    const entries = this.#entriesOf(prefix)
    const index = entries?.findIndex(entry => isSame(entry.target, target)) ?? -1
    if (index < 0) return false
    entries!.splice(index, 1)
    this.#size--
    if (entries!.length > 0) return true
    this.#prefixesOf(prefix.bits).delete(keyOf(prefix.id, 0, prefix.bits))
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

  /** The targets of the rules for exactly this prefix, those that drain included, in the order of their coming. */
  targets(prefix: ServicePrefix): readonly Target<Listener>[] {
    return this.#entriesOf(prefix)?.map(({ target }) => target) ?? []
  }

  /** All rules: longest prefixes first, then by serviceID, highest priority first, in the order of coming. */
  rules(): readonly Rule<Listener>[] {
    return this.#lengths.flatMap(({ prefixes }) =>
      [...prefixes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, entries]) => entries.toSorted((a, b) => b.priority - a.priority))
        .map(entry => ({ ...entry })),
    )
  }

  #entriesOf({ id, bits }: ServicePrefix): Entry<Listener>[] | undefined {
    return this.#lengths.find(one => one.bits === bits)?.prefixes.get(keyOf(id, 0, bits))
  }

  /** The prefixes of a length, which gets its place if it is new. */
  #prefixesOf(bits: number): Map<string, Entry<Listener>[]> {
    const known = this.#lengths.find(one => one.bits === bits)
    if (known) return known.prefixes
    const prefixes = new Map<string, Entry<Listener>[]>()
    this.#lengths = [...this.#lengths, { bits, prefixes }].sort((a, b) => b.bits - a.bits)
    return prefixes
  }
}

type RangeCode = 'SERVICE_PRIORITY' | 'SERVICE_WEIGHT'

function checkRange(code: RangeCode, name: string, value: number, limit: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= limit))
    throw new ServiceError(code, `a ${name} is a whole number from 0 to ${limit}, not ${value}`)
}

function isSame<Listener>(a: Target<Listener>, b: Target<Listener>): boolean {
  if (a.kind === 'demux') return b.kind === 'demux' && a.listener === b.listener
  if (a.kind === 'forward') return b.kind === 'forward' && a.address === b.address
  return a.kind === b.kind
}

/** The first `bits` bits, one character for each byte; their order is that of the prefixes. */
function keyOf(bytes: Uint8Array, at: number, bits: number): string {
  let key = ''
  for (let left = bits, from = at; left > 0; left -= 8, from++)
    key += String.fromCharCode(left >= 8 ? bytes[from]! : bytes[from]! & (0xff00 >> left))
  return key
}

/** One of those of the highest priority, by weight, leaving out those that drain. */
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
    if (entry.priority !== priority) continue
    if (left < entry.weight) return entry
    left -= entry.weight
  }
  return undefined
}
