import { type Instance, isLasting } from './instance.ts'
import { LISTING_LOOKS, LISTING_ROWS } from './limits.ts'
import type { Listed } from './messages.ts'
import { saidOf } from './policy.ts'
import { type InstanceRecord, idIn } from './records.ts'
import type { Standing } from './standing.ts'

/** Returns the row of an instance in a listing; undefined if it has ended. */
export function listedOf<Peer>(
  {
    record,
    slot,
    dueMs,
    flows,
    isUnvouched,
  }: Pick<Instance<Peer>, 'record' | 'slot' | 'dueMs' | 'flows' | 'isUnvouched'>,
  standing: Standing,
): Listed | undefined {
  if (record === undefined || !isLasting(record)) return undefined
  const { service, id, address } = record
  const { priority, weight } = saidOf(record, standing)
  const out = isUnvouched ? 'unvouched' : outOf(record, weight, standing)
  return {
    ...{ service, id, number: slot, address, priority, weight: out === undefined ? weight : 0 },
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

/** Yields the rows of all instances, unordered; undefined for one that has ended, or whose id `mayShow` leaves out. Changes meanwhile may or may not appear. */
export function* listing<Peer>(
  instances: Iterable<Instance<Peer>>,
  standing: Standing,
  mayShow: (id: string) => boolean = () => true,
): Generator<Listed | undefined> {
  for (const instance of instances)
    yield mayShow(idIn(instance.key)) ? listedOf(instance, standing) : undefined
}

/** Returns the next page of a listing, possibly empty, and whether it is the last one. */
export function pageOf(listing: Iterator<Listed | undefined> | undefined) {
  const instances: Listed[] = []
  if (listing === undefined) return { instances, isOver: true }
  let isOver = false
  for (let looks = 0; !isOver && looks < LISTING_LOOKS && instances.length < LISTING_ROWS; looks++) {
    const { value, done } = listing.next()
    if (value !== undefined) instances.push(value)
    isOver = done === true
  }
  return { instances, isOver }
}
