import { at } from '../../checker/text/at.ts'
import type { Edge, Region } from './chart.ts'

/** Transitions that the same states all have, and the states. */
export interface Group {
  readonly states: readonly string[]
  /** `from` is the first of the states; equal to `to` where the transition stays in each state. */
  readonly edges: readonly Edge[]
}

/** A region's transitions, those that many states share drawn once. */
export interface Factored {
  readonly own: readonly Edge[]
  readonly groups: readonly Group[]
}

/** From how many states on a transition is drawn once for all of them: fewer are better followed line by line. */
const SHARED_BY = 4

/** Takes out what at least {@link SHARED_BY} states have in common; transitions of the same states form one group. */
export function factor(region: Region): Factored {
  const alike = gather(region.edges, edge =>
    JSON.stringify({ ...edge, from: '', to: edge.from === edge.to || edge.to }),
  )
  const own = new Set<Edge>()
  const shared: Group[] = []
  for (const edges of alike) {
    if (edges.length < SHARED_BY) for (const edge of edges) own.add(edge)
    else shared.push({ states: edges.map(edge => edge.from), edges: [at(edges, 0)] })
  }
  const groups = gather(shared, group => JSON.stringify(group.states)).map(same => ({
    states: at(same, 0).states,
    edges: same.flatMap(group => group.edges),
  }))
  return { own: region.edges.filter(edge => own.has(edge)), groups }
}

/** Puts together what has the same key, in the order of the first of each. */
export function gather<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const byKey = new Map<string, T[]>()
  for (const item of items) {
    const known = byKey.get(key(item))
    if (known) known.push(item)
    else byKey.set(key(item), [item])
  }
  return [...byKey.values()]
}
