/** Decides which instances of a service a host learns, with which priority and weight. Pure. */
import { TARGETS_LIMIT } from '../host/services/serviceTable.ts'
import { NEAR_PRIORITY } from './limits.ts'
import type { RuleTarget } from './messages.ts'
import type { Networks } from './networks.ts'
import type { InstanceRecord } from './records.ts'
import type { Standing } from './standing.ts'

/**
 * Instances near the host precede all others, which count only while no near one accepts flows. An operator's rule for
 * an address replaces what its instance claims. Two instances at one address are one target.
 */
export function targetsFor(
  records: readonly InstanceRecord[],
  standing: Standing,
  networks: Networks,
  network: number,
): RuleTarget[] {
  const targets = new Map<string, RuleTarget>()
  for (const record of records) {
    const { address } = record
    const said = saidOf(record, standing)
    const isNear = networks.areNear(network, networks.of(address))
    const known = targets.get(address)
    targets.set(address, {
      kind: 'forward',
      address,
      priority: Math.max(said.priority + (isNear ? NEAR_PRIORITY : 0), known?.priority ?? 0),
      weight: Math.max(said.weight, known?.weight ?? 0),
    })
  }
  return [...targets.values()].sort(byPreference).slice(0, TARGETS_LIMIT)
}

/** Returns the effective priority and weight. Instances that are ejected or failing drain. */
export function saidOf(record: InstanceRecord, standing: Standing) {
  const share = ownShareOf(record, standing)
  return standing.whyOut(record) === undefined ? share : { ...share, weight: 0 }
}

/** Returns the priority and weight of an instance that is well: an operator's for the address, else its own. */
export function ownShareOf({ id, address, priority, weight }: InstanceRecord, standing: Standing) {
  const rule = standing.about(id, address)
  return { priority: rule?.priority ?? priority, weight: rule?.weight ?? weight }
}

/** True if any instance accepts new flows. If all drain, the service counts as absent. */
export const isOffered = (records: readonly InstanceRecord[], standing: Standing): boolean =>
  records.some(record => saidOf(record, standing).weight !== 0)

const byPreference = (a: RuleTarget, b: RuleTarget): number => b.priority - a.priority || b.weight - a.weight
