/** How a controller lists its registrations, page by page, and describes itself, for operators anywhere. */
import type { Controller } from './controller.ts'
import { type Instance, isLasting } from './instance.ts'
import { FAILURE_SHOWN_CHARS, LISTING_LOOKS, LISTING_ROWS, ROUTERS_SHOWN } from './limits.ts'
import type { Answer, Listed, Question, Summary } from './messages.ts'
import type { Peer } from './peer.ts'
import { saidOf } from './policy.ts'
import { type InstanceRecord, idIn } from './records.ts'
import type { Standing } from './standing.ts'

/** Returns the next page for a host, with the controller's summary after the last one if it wants that. */
export function listingFor(
  peer: Peer,
  { more, summary = false }: Extract<Question, { readonly type: 'list' }>,
  controller: Controller,
  peers: ReadonlySet<Peer>,
): Answer {
  const { door, ledger } = controller
  if (!more)
    peer.listing = listing(ledger.registrations.known.values(), ledger.standing, id =>
      door.mayResolve(peer, id),
    )
  const { instances, isOver } = pageOf(peer.listing)
  if (isOver) peer.listing = undefined
  const { trouble } = ledger.health
  return {
    ...{ type: 'listing', instances, isMore: !isOver },
    ...(trouble !== '' && { trouble }),
    ...(isOver && summary && { summary: summaryOf(controller, peers) }),
  }
}

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
function* listing<Peer>(
  instances: Iterable<Instance<Peer>>,
  standing: Standing,
  mayShow: (id: string) => boolean,
): Generator<Listed | undefined> {
  for (const instance of instances)
    yield mayShow(idIn(instance.key)) ? listedOf(instance, standing) : undefined
}

/** Returns the next page of a listing, possibly empty, and whether it is the last one. */
function pageOf(listing: Iterator<Listed | undefined> | undefined) {
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

/** Returns the state of a controller with these connections. Those that only query it have no addresses. */
function summaryOf({ ledger, failures, events }: Controller, peers: ReadonlySet<Peer>): Summary {
  const routers = [...peers].filter(({ wantsAll }) => wantsAll)
  return {
    registry: ledger.registryName,
    hosts: [...peers].filter(({ addresses }) => addresses.length > 0).length,
    routers: routers.length,
    routersAt: routers.slice(0, ROUTERS_SHOWN).map(({ address }) => address),
    failures: failures.map(text => text.slice(0, FAILURE_SHOWN_CHARS)),
    events,
  }
}
