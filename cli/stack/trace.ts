/** Which rules decide where a service is, hop by hop, as the stacks of this user tell it. */

import { must } from '../../checker/text/at.ts'
import type { RuleFact } from '../../impl/admin/index.ts'
import { covers, isCertified, SERVICE_BITS, servicePrefixOf } from '../../impl/host/services/serviceId.ts'

/** The report of one process. */
export interface Asked {
  readonly pid: number
  readonly addresses: readonly string[]
  readonly rules: readonly RuleFact[]
}

/** A rule that matches, at a hop, with what it means there. */
export interface MatchedRule {
  /** From 0: how many forwarded before. */
  readonly hop: number
  readonly pid: number
  /** Undefined: no rule matches there. */
  readonly rule: RuleFact | undefined
  readonly decides: boolean
  readonly why: string
}

const isCovered = (id: Uint8Array, { prefix, bits }: RuleFact): boolean =>
  covers({ id: servicePrefixOf(prefix).id, bits }, id)

/** The rules that match, in the order in which they are looked at, and what each does (docs/services.md). */
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

/** The process that is at an address. */
export const whoIsAt = (asked: readonly Asked[], address: string): Asked | undefined =>
  asked.find(({ addresses }) => addresses.includes(address))

/** All that may happen from one process on, each process once. */
export function trace(id: Uint8Array, asked: readonly Asked[], from: Asked): MatchedRule[] {
  const steps: MatchedRule[] = []
  const seen = new Set<number>()
  const visit = (one: Asked, hop: number): void => {
    seen.add(one.pid)
    const judged = judge(id, one.rules)
    if (!judged.some(({ decides }) => decides))
      steps.push({ hop, pid: one.pid, rule: undefined, decides: true, why: 'no rule matches: refused' })
    const next: Asked[] = []
    for (const { rule, decides, why } of judged) {
      const address = decides ? nextOf(must(rule)) : undefined
      const there = address === undefined ? undefined : whoIsAt(asked, address)
      const isLoop = there !== undefined && seen.has(there.pid)
      const rest =
        address === undefined
          ? ''
          : there === undefined
            ? '; cannot be asked further'
            : `; on to process ${there.pid}${isLoop ? ', which was asked already' : ''}`
      steps.push({ hop, pid: one.pid, rule, decides, why: why + rest })
      if (there !== undefined && !isLoop && !next.includes(there)) next.push(there)
    }
    for (const there of next) if (!seen.has(there.pid)) visit(there, hop + 1)
  }
  visit(from, 0)
  return steps
}

/** The processes that one leads to, by the rules that decide there. */
const nextsOf = (id: Uint8Array, asked: readonly Asked[], one: Asked): Asked[] =>
  judge(id, one.rules).flatMap(({ rule, decides }) => {
    const address = decides ? nextOf(must(rule)) : undefined
    return (address === undefined ? undefined : whoIsAt(asked, address)) ?? []
  })

/**
 * Where questions begin: processes that no other leads to, and all that none of these leads to, such as rings. Of them
 * such as know more than to wait, if there are any, or else such as have a rule that matches.
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
