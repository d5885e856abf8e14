/** Finds the rules that decide where packets for a service go, hop by hop, from the reports of this user's stacks. */

import { must } from '../../checker/text/at.ts'
import type { RuleFact } from '../../impl/admin/index.ts'
import { covers, isCertified, SERVICE_BITS, servicePrefixOf } from '../../impl/host/services/serviceId.ts'

/** The report of one process. */
export interface Asked {
  readonly pid: number
  readonly addresses: readonly string[]
  readonly rules: readonly RuleFact[]
}

/** A matching rule at a hop, and its effect there. */
export interface MatchedRule {
  /** The number of hops before this one. */
  readonly hop: number
  readonly pid: number
  /** Undefined if no rule matches there. */
  readonly rule: RuleFact | undefined
  readonly decides: boolean
  readonly why: string
}

const isCovered = (id: Uint8Array, { prefix, bits }: RuleFact): boolean =>
  covers({ id: servicePrefixOf(prefix).id, bits }, id)

/** Returns the matching rules in the order in which a stack examines them, and the effect of each (docs/services.md). */
export function judge(id: Uint8Array, rules: readonly RuleFact[]): Omit<MatchedRule, 'hop' | 'pid'>[] {
  const matching = rules.filter(rule => isCovered(id, rule))
  const isOpen = ({ weight, isPlain }: RuleFact): boolean => weight > 0 && !(isPlain && isCertified(id))
  const live = matching.filter(isOpen)
  const bits = Math.max(...live.map(rule => rule.bits))
  const longest = live.filter(rule => rule.bits === bits)
  const priority = Math.max(...longest.map(rule => rule.priority))
  const deciding = longest.filter(rule => rule.priority === priority)
  const total = deciding.reduce((sum, { weight }) => sum + weight, 0)
  return matching.map(rule => {
    if (rule.weight === 0) return { rule, decides: false, why: 'draining' }
    if (!isOpen(rule)) return { rule, decides: false, why: 'not for keyed services' }
    if (rule.bits < bits) return { rule, decides: false, why: 'another prefix is longer' }
    if (rule.priority < priority) return { rule, decides: false, why: 'another has a higher priority' }
    const reason = bits === SERVICE_BITS ? 'exactly this service' : `longest prefix, ${bits} bits`
    const share = deciding.length > 1 ? `, ${rule.weight} of ${total} flows` : ''
    return { rule, decides: true, why: reason + share }
  })
}

/** Returns the address that a rule forwards to, if it forwards. */
export const nextOf = ({ target }: RuleFact): string | undefined => /^forward (\S+)$/.exec(target)?.[1]

/** Returns the process that has an address. */
const whoIsAt = (asked: readonly Asked[], address: string): Asked | undefined =>
  asked.find(({ addresses }) => addresses.includes(address))

/** Follows the deciding rules from one process, through each process once. */
export function trace(id: Uint8Array, asked: readonly Asked[], from: Asked): MatchedRule[] {
  const steps: MatchedRule[] = []
  const seen = new Set<number>()
  const visit = (one: Asked, hop: number): void => {
    seen.add(one.pid)
    const judged = judge(id, one.rules)
    if (!judged.some(({ decides }) => decides))
      steps.push({
        hop,
        pid: one.pid,
        rule: undefined,
        decides: true,
        why: 'no rule matches, so the packet is refused',
      })
    const next: Asked[] = []
    for (const { rule, decides, why } of judged) {
      const address = decides ? nextOf(must(rule)) : undefined
      const there = address === undefined ? undefined : whoIsAt(asked, address)
      const isLoop = there !== undefined && seen.has(there.pid)
      const rest =
        address === undefined
          ? ''
          : there === undefined
            ? '; no process of yours has this address'
            : `; leads to process ${there.pid}${isLoop ? ', listed above' : ''}`
      steps.push({ hop, pid: one.pid, rule, decides, why: why + rest })
      if (there !== undefined && !isLoop && !next.includes(there)) next.push(there)
    }
    for (const there of next) if (!seen.has(there.pid)) visit(there, hop + 1)
  }
  visit(from, 0)
  return steps
}

/** Returns the processes to which the deciding rules of one process lead. */
const nextsOf = (id: Uint8Array, asked: readonly Asked[], one: Asked): Asked[] =>
  judge(id, one.rules).flatMap(({ rule, decides }) => {
    const address = decides ? nextOf(must(rule)) : undefined
    return (address === undefined ? undefined : whoIsAt(asked, address)) ?? []
  })

/**
 * Returns the processes to start from: those to which no other leads, and all that these do not reach, such as loops. Prefers
 * processes whose rules do more than wait, then processes with a matching rule.
 */
export function roots(id: Uint8Array, asked: readonly Asked[]): readonly Asked[] {
  const led = new Set(asked.flatMap(one => nextsOf(id, asked, one).map(({ pid }) => pid)))
  const first = asked.filter(({ pid }) => !led.has(pid))
  const reached = new Set<number>()
  const reach = (one: Asked): void => {
    if (reached.has(one.pid)) return
    reached.add(one.pid)
    nextsOf(id, asked, one).forEach(reach)
  }
  first.forEach(reach)
  const begin = [...first, ...asked.filter(({ pid }) => !reached.has(pid))]
  const deciding = (one: Asked) => judge(id, one.rules).filter(({ decides }) => decides)
  const knowing = begin.filter(one => deciding(one).some(({ rule }) => must(rule).target !== 'delay'))
  const matching = begin.filter(one => deciding(one).length > 0)
  return knowing.length > 0 ? knowing : matching.length > 0 ? matching : begin
}
