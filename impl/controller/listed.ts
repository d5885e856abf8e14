import { type Instance, isLasting } from './instance.ts'
import type { Listed } from './messages.ts'
import { saidOf } from './policy.ts'
import type { InstanceRecord } from './records.ts'
import type { Standing } from './standing.ts'

/** Returns the row of an instance in a listing; undefined if it has ended. */
export function listedOf<Peer>(
  { record, dueMs, flows }: Pick<Instance<Peer>, 'record' | 'dueMs' | 'flows'>,
  standing: Standing,
): Listed | undefined {
  if (record === undefined || !isLasting(record)) return undefined
  const { service, id, address } = record
  const { priority, weight } = saidOf(record, standing)
  const out = outOf(record, weight, standing)
  return {
    ...{ service, id, address, priority, weight: out === undefined ? weight : 0 },
    leaseMs: Math.max(0, Math.round(dueMs - Date.now())),
    flows: flows ?? null,
    ...(out !== undefined && { out }),
    ...(record.isFailing === true && { isFailing: true }),
  }
}

/** Returns why new flows do not reach an instance with this weight, or undefined. */
function outOf(record: InstanceRecord, weight: number, standing: Standing): Listed['out'] {
  if (record.state === 'evicted') return 'evicted'
  return standing.whyOut(record) ?? (weight === 0 ? 'draining' : undefined)
}
