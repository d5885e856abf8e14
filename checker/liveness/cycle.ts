import type { Classes } from './classes.ts'
import type { GraphPart } from './fairCycles.ts'

/** A closed walk: from the first vertex by each edge in turn, back to the first vertex. */
export interface Cycle {
  readonly vertices: readonly number[]
  readonly edges: readonly number[]
}

/** The cycle to find, through `first` and within `inside`, for the property `bit`. */
export interface Wanted {
  readonly part: GraphPart
  readonly classes: Classes
  readonly bit: number
  readonly inside: ReadonlySet<number>
  readonly first: number
  /** Whether the cycle must pass a state where the property waits. */
  readonly mustWait: boolean
}

/**
 * Returns a short cycle that meets all assumptions of the property. `inside` is a component that does. The walk
 * goes to the nearest place that meets an assumption which the states passed so far leave open, until none is
 * left, and then back to its beginning.
 */
export function cycleThrough(wanted: Wanted): Cycle {
  const { first } = wanted
  let walk: Cycle = { vertices: [first], edges: [] }
  for (;;) {
    const open = openFor(wanted, walk)
    const next = open
      ? pathTo(wanted, last(walk), (vertex, edge) => open(vertex, edge))
      : pathTo(wanted, last(walk), vertex => vertex === first)
    if (next === undefined) throw new Error('a fair component has a part that the cycle cannot reach')
    walk = joined(walk, next)
    if (open === undefined && openFor(wanted, walk) === undefined)
      return { vertices: walk.vertices.slice(0, -1), edges: walk.edges }
  }
}

type Meets = (vertex: number, edge?: number) => boolean

const last = ({ vertices }: Cycle): number => vertices.at(-1) as number

const joined = (one: Cycle, other: Cycle): Cycle => ({
  vertices: [...one.vertices, ...other.vertices.slice(1)],
  edges: [...one.edges, ...other.edges],
})

/** Returns what meets the first assumption that a walk leaves open; undefined if it meets all. */
function openFor({ part, classes, bit, mustWait }: Wanted, { vertices, edges }: Cycle): Meets | undefined {
  const waits = (vertex: number) => ((part.waiting[vertex] as number) & bit) !== 0
  if (mustWait && !vertices.some(waits)) return waits
  const taken = new Set(edges.map(edge => part.kind[edge] as number))
  const passed = [...new Set(vertices)]
  const kindsOf = (vertex: number) => new Set(part.kind.subarray(part.start[vertex], part.start[vertex + 1]))
  const enabled = passed.map(kindsOf)
  for (const kind of new Set(enabled.flatMap(kinds => [...kinds]))) {
    if (taken.has(kind)) continue
    const takes: Meets = (_, edge) => edge !== undefined && part.kind[edge] === kind
    if (((classes.strong[kind] as number) & bit) !== 0) return takes
    if (((classes.weak[kind] as number) & bit) === 0 || !enabled.every(kinds => kinds.has(kind))) continue
    return (vertex, edge) => takes(vertex, edge) || !kindsOf(vertex).has(kind)
  }
  return undefined
}

/** Returns a shortest walk from a vertex whose last vertex, or last edge, is one that `meets` accepts. */
function pathTo({ part, classes, bit, inside }: Wanted, from: number, meets: Meets): Cycle | undefined {
  if (meets(from)) return { vertices: [from], edges: [] }
  const came = new Map<number, { readonly vertex: number; readonly edge: number }>()
  const back = (vertex: number, edge: number): Cycle => {
    const vertices = [vertex, part.target[edge] as number]
    const edges = [edge]
    for (let at = vertex; at !== from; ) {
      const step = came.get(at) as { readonly vertex: number; readonly edge: number }
      vertices.unshift(step.vertex)
      edges.unshift(step.edge)
      at = step.vertex
    }
    return { vertices, edges }
  }
  const queue = [from]
  for (let next = 0; next < queue.length; next++) {
    const vertex = queue[next] as number
    for (let edge = part.start[vertex] as number; edge < (part.start[vertex + 1] as number); edge++) {
      const to = part.target[edge] as number
      if (!inside.has(to) || ((classes.finite[part.kind[edge] as number] as number) & bit) !== 0) continue
      if (meets(to, edge)) return back(vertex, edge)
      if (to === from || came.has(to)) continue
      came.set(to, { vertex, edge })
      queue.push(to)
    }
  }
  return undefined
}
