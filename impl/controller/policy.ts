/** What a host is told of a service: which instances, with which priority and weight. Pure. */
import { TARGETS_LIMIT } from '../host/services/serviceTable.ts'
import { NEAR_PRIORITY } from './limits.ts'
import type { RuleTarget } from './messages.ts'
import type { Networks } from './networks.ts'
import type { InstanceRecord } from './records.ts'
import type { Standing } from './standing.ts'

/**
 * Instances near the host come before all others, which count only while no near one takes flows. What an operator says
 * of an address counts instead of what its instance says. Two instances at one address are one target.
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

/** The priority and weight that count: what an operator says of the address, else what the instance says of itself. */
export function saidOf({ id, address, priority, weight }: InstanceRecord, standing: Standing) {
  const rule = standing.about(id, address)
  return { priority: rule?.priority ?? priority, weight: rule?.weight ?? weight }
}

/** Whether any takes new flows. Where all drain, the service is not there for who asks. */
export const isOffered = (records: readonly InstanceRecord[], standing: Standing): boolean =>
  records.some(record => saidOf(record, standing).weight !== 0)

const byPreference = (a: RuleTarget, b: RuleTarget): number => b.priority - a.priority || b.weight - a.weight
