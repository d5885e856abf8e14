import type { Instance } from './instance.ts'
import type { Listed } from './messages.ts'
import { saidOf } from './policy.ts'
import type { Standing } from './standing.ts'

/** Returns the row of an instance in a listing; undefined if it has ended. */
export function listedOf<Peer>(
  { record, dueMs, flows }: Pick<Instance<Peer>, 'record' | 'dueMs' | 'flows'>,
  standing: Standing,
): Listed | undefined {
  if (record?.state !== 'bound') return undefined
  const { service, id, address } = record
  const { priority, weight } = saidOf(record, standing)
  return {
    ...{ service, id, address, priority, weight },
    leaseMs: Math.max(0, Math.round(dueMs - Date.now())),
    flows: flows ?? null,
  }
}
