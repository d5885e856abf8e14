/** Which registrations `serval services --via` prints, and in which order. */
import type { Listed } from '../../impl/controller/index.ts'
import { plural } from '../screen.ts'

/** The columns by which registrations can be sorted. */
export const SORTS = ['service', 'address', 'priority', 'weight', 'lease', 'flows'] as const

export interface Choice {
  /** Only services whose names begin with it, part by part; `acme`, `acme/` and `acme/*` are the same. */
  readonly below?: string | undefined
  readonly sort?: (typeof SORTS)[number] | undefined
}

/**
 * Returns the chosen registrations in order: numbers descend, except for the lease, whose shortest comes first. Rows that are equal
 * there keep their order, which is that of their services in a controller's listing.
 */
export function chosenOf(listed: readonly Listed[], { below, sort }: Choice): Listed[] {
  const name = below?.toLowerCase().replace(/\/?\*?$/, '') ?? ''
  const isBelow = ({ service }: Listed): boolean =>
    name === '' || service === name || service.startsWith(`${name}/`) || service.startsWith(`${name}#`)
  const chosen = listed.filter(isBelow)
  return sort === undefined || sort === 'service' ? chosen : chosen.sort(ORDERS[sort])
}

const ORDERS: Readonly<Record<Exclude<(typeof SORTS)[number], 'service'>, (a: Listed, b: Listed) => number>> =
  {
    address: (a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0),
    priority: (a, b) => b.priority - a.priority,
    weight: (a, b) => b.weight - a.weight,
    lease: (a, b) => a.leaseMs - b.leaseMs,
    flows: (a, b) => (b.flows ?? -1) - (a.flows ?? -1),
  }

/** The numbers of services, instances and flows, and of instances that get no new flows. */
export function countsOf(listed: readonly Listed[]) {
  return {
    services: new Set(listed.map(({ service }) => service)).size,
    instances: listed.length,
    ...outOf(listed),
    flows: listed.reduce((sum, { flows }) => sum + (flows ?? 0), 0),
  }
}

/** The numbers of instances that get no new flows, by reason. */
function outOf(listed: readonly Listed[]) {
  const counts = { draining: 0, ejected: 0, failing: 0, evicted: 0, unvouched: 0 }
  for (const { out } of listed) if (out !== undefined) counts[out]++
  return counts
}

/** `4 services, 5 instances, 1 draining, 14 flows` */
export function countsText({ services, instances, flows, ...out }: ReturnType<typeof countsOf>): string {
  const reasons = Object.entries(out).flatMap(([why, n]) => (n > 0 ? [`${n} ${why}`] : []))
  return [plural(services, 'service'), plural(instances, 'instance'), ...reasons, plural(flows, 'flow')].join(
    ', ',
  )
}
