/**
 * Finds what decides instead of an operator's rule for all hosts, so that the operator learns that the rule has no
 * effect.
 */
import { must } from '../../checker/text/at.ts'
import { SERVICE_BITS, servicePrefixOf } from '../host/services/serviceId.ts'
import type { Ledger } from './ledger.ts'
import { saidOf } from './policy.ts'
import { isBelow } from './prefixes.ts'
import { type StandingRule, standingKey } from './standing.ts'

type Named = Pick<StandingRule, 'prefix' | 'kind' | 'address'>

/**
 * Returns a description of what decides instead: a registration or rule for the exact service that the prefix names, or
 * for the same prefix with a higher priority. Undefined if the rule takes effect. The rule does not compete with
 * instances at its own address: it sets their priority and weight.
 */
export function overruling<Peer>(ledger: Ledger<Peer>, rule: Named): string | undefined {
  if (isAboutInstance(ledger, rule)) return undefined
  const { bits, id } = servicePrefixOf(rule.prefix)
  const digits = Buffer.from(id).toString('hex')
  const own = bits === SERVICE_BITS ? digits : `${digits}/${bits}`
  const { priority = 1 } = ledger.standing.rule(standingKey(rule)) ?? {}
  const longer = bits < SERVICE_BITS ? rivals(ledger, digits, rule)[0] : undefined
  return (longer ?? rivals(ledger, own, rule).find(one => one.priority > priority))?.words
}

/**
 * True if the rule sets the priority and weight of an instance, unless a rule with a longer prefix about its address
 * does.
 */
function isAboutInstance<Peer>({ registrations, standing }: Ledger<Peer>, rule: Named): boolean {
  const { address } = rule
  if (address === undefined) return false
  const [prefix, key] = [servicePrefixOf(rule.prefix), standingKey(rule)]
  const isHere = (id: string): boolean => registrations.known.bound(id).some(one => one.address === address)
  const isDecided = (id: string): boolean => standingKey(must(standing.about(id, address))) === key
  return [...registrations.known.services()].some(id => isBelow(prefix, id) && isHere(id) && isDecided(id))
}

/** Returns all others that lead somewhere for exactly this service or prefix. */
function rivals<Peer>({ registrations, standing }: Ledger<Peer>, id: string, { kind, address }: Named) {
  const instances = registrations.known.bound(id)
  const ruled = standing.targets(id).filter(one => one.kind !== kind || one.address !== address)
  return [
    ...ruled.map(one => ({ ...one, what: `${one.kind} ${one.address ?? ''}`.trim() })),
    ...instances.map(one => ({ ...saidOf(one, standing), what: `the instance at ${one.address}` })),
  ]
    .filter(({ weight }) => weight > 0)
    .map(({ what, priority }) => ({
      priority,
      words: `${instances[0]?.service ?? standing.nameOf(id) ?? id}, ${what}, priority ${priority}`,
    }))
}
