/**
 * Rules that operators have added at a controller, for all hosts. A rule that leads to an address also decides priority
 * and weight of the instances that are there, of the services that it is for: with weight 0 they drain.
 */
import * as t from 'io-ts'
import { covers, type ServicePrefix, servicePrefixOf } from '../sal/serviceId.ts'
import type { RuleTarget } from './messages.ts'
import { readRecord } from './records.ts'

const standingRule = t.intersection([
  t.strict({
    prefix: t.string,
    kind: t.keyof({ forward: null, delay: null, drop: null }),
    priority: t.number,
    weight: t.number,
  }),
  t.partial({ address: t.string }),
])
export type StandingRule = t.TypeOf<typeof standingRule>

export const RULE_KEY = 'rule'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Prefix and target name a rule. */
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

/** Undefined for what no controller has written. */
export function readStanding(key: string, text: string): StandingRule | undefined {
  const rule = readRecord(standingRule, text)
  try {
    return rule !== undefined && standingKey(rule) === key ? rule : undefined
  } catch {
    return undefined
  }
}

interface Kept {
  readonly rule: StandingRule
  readonly revision: number
  readonly prefix: ServicePrefix
}

export class Standing {
  readonly #byKey = new Map<string, Kept>()
  readonly #byPrefix = new Map<string, Map<string, Kept>>()
  readonly #byAddress = new Map<string, Map<string, Kept>>()

  get size(): number {
    return this.#byKey.size
  }

  rules(): StandingRule[] {
    return [...this.#byKey.values()].map(({ rule }) => rule)
  }

  /** As people write them. */
  prefixes(): IterableIterator<string> {
    return this.#byPrefix.keys()
  }

  /** 0: there is none. */
  revision(key: string): number {
    return this.#byKey.get(key)?.revision ?? 0
  }

  /** Takes what the registry has; undefined: nothing. Returns the prefix that this concerns. */
  set(key: string, rule: StandingRule | undefined, revision: number): string | undefined {
    const before = this.#byKey.get(key)
    if (before !== undefined) {
      this.#byKey.delete(key)
      drop(this.#byPrefix, before.prefix.text, key)
      if (before.rule.address !== undefined) drop(this.#byAddress, before.rule.address, key)
    }
    if (rule === undefined) return before?.prefix.text
    const kept = { rule, revision, prefix: servicePrefixOf(rule.prefix) }
    this.#byKey.set(key, kept)
    put(this.#byPrefix, kept.prefix.text, key, kept)
    if (rule.address !== undefined) put(this.#byAddress, rule.address, key, kept)
    return kept.prefix.text
  }

  /** What hosts are told for a prefix. */
  targets(prefix: string): RuleTarget[] {
    return [...(this.#byPrefix.get(prefix)?.values() ?? [])].map(
      ({ rule: { prefix: _, ...target } }) => target,
    )
  }

  /** What is said of instances of a service at an address: the rule with the longest prefix. */
  about(id: Uint8Array, address: string): StandingRule | undefined {
    const those = [...(this.#byAddress.get(address)?.values() ?? [])].filter(({ prefix }) =>
      covers(prefix, id),
    )
    return those.sort((a, b) => b.prefix.bits - a.prefix.bits)[0]?.rule
  }

  /** Whether a rule leads somewhere from a service without instances. */
  leadsOn(id: Uint8Array): boolean {
    return [...this.#byKey.values()].some(({ prefix, rule }) => rule.kind === 'forward' && covers(prefix, id))
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
