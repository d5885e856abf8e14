/**
 * Operators' rules for all hosts, added at a controller. A rule for an address also sets the priority and weight of the
 * instances there, for the services that it covers: weight 0 drains them.
 */
import * as t from 'io-ts'
import { covers, printPrefix, type ServicePrefix, servicePrefixOf } from '../host/services/serviceId.ts'
import { address, type RuleTarget, share } from './messages.ts'
import { Prefixes } from './prefixes.ts'
import { type InstanceRecord, isAddress, readRecord } from './records.ts'

const standingRule = t.intersection([
  t.strict({
    prefix: t.string,
    kind: t.keyof({ forward: null, delay: null, drop: null }),
  }),
  /** If omitted, instances at the address keep their own. */
  t.partial({ address, priority: share, weight: share }),
])
export type StandingRule = t.TypeOf<typeof standingRule>

/** The default of a rule without instances. */
const SHARE = { priority: 1, weight: 1 }

export const RULE_KEY = 'rule'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Prefix and target identify a rule. */
export function standingKey({
  prefix,
  kind,
  address = '',
}: Omit<StandingRule, 'priority' | 'weight'>): string {
  const { id, bits } = servicePrefixOf(prefix)
  return [
    RULE_KEY,
    hex(id),
    bits,
    kind,
    ...(address === '' ? [] : [Buffer.from(address).toString('base64url')]),
  ].join('.')
}

/** Returns undefined for a text that no controller wrote. */
export function readStanding(key: string, text: string): StandingRule | undefined {
  const rule = readRecord(standingRule, text)
  try {
    if (rule === undefined || standingKey(rule) !== key) return undefined
    return (rule.kind === 'forward') === (rule.address !== undefined && isAddress(rule.address))
      ? rule
      : undefined
  } catch {
    return undefined
  }
}

interface Kept {
  readonly rule: StandingRule
  readonly revision: number
  readonly prefix: ServicePrefix
  /** Its digits and its number of bits. */
  readonly id: string
}

export class Standing {
  /** Returns why a current instance gets no new flows, although no operator drains it. */
  whyOut: (record: InstanceRecord) => 'ejected' | 'failing' | undefined = () => undefined
  readonly #byKey = new Map<string, Kept>()
  readonly #byPrefix = new Prefixes<Kept>()
  readonly #byAddress = new Map<string, Map<string, Kept>>()

  get size(): number {
    return this.#byKey.size
  }

  rules(): StandingRule[] {
    return [...this.#byKey.values()].map(({ rule }) => rule)
  }

  /** As digits with the number of bits. */
  prefixes(): IterableIterator<string> {
    return this.#byPrefix.ids()
  }

  /** The rule as last set. */
  rule(key: string): StandingRule | undefined {
    return this.#byKey.get(key)?.rule
  }

  /** Returns 0 if there is no such rule. */
  revision(key: string): number {
    return this.#byKey.get(key)?.revision ?? 0
  }

  /** The registry has lost all rules, and these are remembered. */
  lose(): void {
    for (const [key, { rule }] of [...this.#byKey]) this.set(key, rule, 0)
  }

  /** Returns remembered rules that the registry does not have, by key. */
  unstored(): [string, StandingRule][] {
    return [...this.#byKey].flatMap(([key, { rule, revision }]) => (revision === 0 ? [[key, rule]] : []))
  }

  /** Sets the registry's rule; undefined removes it. Returns the affected prefix. */
  set(key: string, rule: StandingRule | undefined, revision: number): string | undefined {
    const before = this.#byKey.get(key)
    if (before !== undefined) {
      this.#byKey.delete(key)
      this.#byPrefix.delete(before.id, before)
      if (before.rule.address !== undefined) drop(this.#byAddress, before.rule.address, key)
    }
    if (rule === undefined) return before?.id
    const prefix = servicePrefixOf(rule.prefix)
    const kept = { rule, revision, prefix, id: printPrefix(prefix) }
    this.#byKey.set(key, kept)
    this.#byPrefix.add(kept.id, kept)
    if (rule.address !== undefined) put(this.#byAddress, rule.address, key, kept)
    return kept.id
  }

  /** Returns an operator's spelling of a prefix. */
  nameOf(id: string): string | undefined {
    return [...this.#byPrefix.at(id)][0]?.prefix.text
  }

  /** Returns the targets for a prefix. */
  targets(id: string): RuleTarget[] {
    return [...this.#byPrefix.at(id)].map(({ rule: { prefix: _, ...target } }) => ({ ...SHARE, ...target }))
  }

  /** Returns the rule about the instances of a service or prefix at an address: the one with the longest prefix. */
  about(id: string, address: string): StandingRule | undefined {
    const those = this.#byAddress.get(address)
    if (those === undefined) return undefined
    const { id: service, bits } = servicePrefixOf(id)
    const above = [...those.values()].filter(({ prefix }) => prefix.bits <= bits && covers(prefix, service))
    return above.sort((a, b) => b.prefix.bits - a.prefix.bits)[0]?.rule
  }

  /** True if a rule leads somewhere for a service without instances. */
  leadsOn(service: Uint8Array): boolean {
    return this.#above(service).some(({ rule }) => rule.kind === 'forward')
  }

  /** Returns the number of bits of the longest prefix with a rule for a service, or -1. */
  longest(service: Uint8Array): number {
    return this.#above(service)[0]?.prefix.bits ?? -1
  }

  /** Returns non-draining rules for a service, those of the longest prefix first. */
  #above(service: Uint8Array): Kept[] {
    const those = this.#byPrefix.above(service).flatMap(id => [...this.#byPrefix.at(id)])
    return those.filter(({ rule }) => (rule.weight ?? SHARE.weight) > 0)
  }
}

function put(map: Map<string, Map<string, Kept>>, name: string, key: string, kept: Kept): void {
  const those = map.get(name)
  if (those === undefined) map.set(name, new Map([[key, kept]]))
  else those.set(key, kept)
}

function drop(map: Map<string, Map<string, Kept>>, name: string, key: string): void {
  const those = map.get(name)
  if (those?.delete(key) && those.size === 0) map.delete(name)
}
