/** What `serval top` shows of a controller's directory. */

import { plural } from '../../checker/text/count.ts'
import type { Directory, Listed } from '../../impl/controller/index.ts'
import { type Choice, chosenOf, countsOf, countsText } from '../services/chosen.ts'
import { leaseText } from '../stack/instances.ts'

/** A row: an instance with its part of the service's new flows, from 0 to 1. */
export type Row = Listed & { readonly share: number }

/**
 * Returns the chosen instances with their shares, for a host in none of the controller's networks. Without `sort` they keep the
 * order of the controller's listing.
 */
export function rowsOf(instances: readonly Listed[], choice: Choice): Row[] {
  const totals = totalsOf(instances)
  return chosenOf(instances, choice).map(one => {
    const { priority = 0, weight = 0 } = totals.get(one.id) ?? {}
    return { ...one, share: one.weight > 0 && one.priority === priority ? one.weight / weight : 0 }
  })
}

/** Returns the priority that decides for each id, and the sum of its weights. */
function totalsOf(instances: readonly Listed[]) {
  const totals = new Map<string, { readonly priority: number; readonly weight: number }>()
  for (const { id, priority, weight } of instances) {
    const known = totals.get(id)
    if (weight === 0 || (known !== undefined && known.priority > priority)) continue
    const isHigher = known === undefined || known.priority < priority
    totals.set(id, { priority, weight: weight + (isHigher ? 0 : known.weight) })
  }
  return totals
}

/** Returns the lines above the table. Their text is the controller's, so it must be escaped. */
export function headOf(via: string, { instances, trouble, summary }: Directory): string[] {
  const registry = `registry${summary === undefined ? '' : ` ${summary.registry}`}: ${trouble || 'ok'}`
  const lines = [`controller at ${via}, ${registry}`, countsText(countsOf(instances))]
  if (summary === undefined) return lines
  const { hosts, routers, routersAt, events, failures } = summary
  const where =
    routersAt.length === 0 ? '' : `: ${routersAt.join(', ')}${routers > routersAt.length ? ', ...' : ''}`
  lines.push(`${plural(hosts, 'host')}, ${plural(routers, 'router')} among them${where}`)
  const counted = Object.entries(events).flatMap(([cause, n]) => (n > 0 ? [`${cause} ${n}`] : []))
  if (counted.length > 0) lines.push(`events: ${counted.join(', ')}`)
  return [...lines, ...failures.map(failure => `not started: ${failure}`)]
}

/** Returns the table. `before` holds the flows of each instance at the last look. */
export function tableOf(rows: readonly Row[], before: ReadonlyMap<string, number>): string[][] {
  return [
    ['SERVICE', 'ADDRESS', 'SHARE', 'FLOWS', 'CHANGE', 'LEASE', 'STATE'],
    ...rows.map(row => [
      ...[row.service, row.address, `${Math.round(100 * row.share)} %`],
      ...[row.flows === null ? '' : String(row.flows), changeOf(row, before.get(keyOf(row)))],
      ...[leaseText(row.leaseMs), row.out ?? (row.isFailing === true ? 'failing, serves' : '')],
    ]),
  ]
}

/** Returns the flows of each instance. */
export const flowsOf = (rows: readonly Row[]): Map<string, number> =>
  new Map(rows.map(row => [keyOf(row), row.flows ?? 0]))

/** Two instances may have one address. Older controllers do not number them. */
const keyOf = ({ id, address, number = 0 }: Row): string => `${id} ${address} ${number}`

function changeOf({ flows }: Row, before: number | undefined): string {
  if (before === undefined || flows === null || flows === before) return ''
  return flows > before ? `+${flows - before}` : String(flows - before)
}
