import { load, type Recoverer } from '../codegen/wasm/load.ts'
import { printRecoverer, RECOVERIES_AT_ONCE } from '../codegen/wasm/recoverer.ts'
import type { Recovery, System } from '../ir/ir.ts'
import type { Graph, Plan, Searcher } from './search.ts'

/** A state in which a recovery is due and from which its goal cannot be reached. */
export interface Lost {
  readonly recovery: Recovery
  readonly state: number
}

/**
 * Decides recoverability on a complete graph. Returns, for each recovery that fails, the first state in
 * breadth-first order from which `protocol` rules and rules that help cannot reach the goal. Returns undefined
 * if aborted.
 */
export async function findLost(
  system: System,
  recoveries: readonly Recovery[],
  searcher: Searcher,
  graph: Graph,
  plan: Plan,
): Promise<Lost[] | undefined> {
  const { layout, space, sizes } = plan
  const lost: Lost[] = []
  for (let at = 0; at < recoveries.length; at += RECOVERIES_AT_ONCE) {
    const group = recoveries.slice(at, at + RECOVERIES_AT_ONCE)
    const bytes = printRecoverer(system, group, layout, space, sizes.threads > 1)
    const program = new WebAssembly.Module(bytes)
    if (!(await searcher.recover(plan, graph, program))) return undefined
    const recoverer = load<Recoverer>(program, graph.memories, space, 0)
    group.forEach((recovery, index) => {
      const state = firstLost(recoverer, index, graph.ranges)
      if (state !== 0) lost.push({ recovery, state })
    })
  }
  return lost
}

function firstLost(recoverer: Recoverer, index: number, ranges: readonly number[]): number {
  for (let at = 0; at < ranges.length; at += 2) {
    const state = recoverer.lost(index, ranges[at] as number, ranges[at + 1] as number)
    if (state !== 0) return state
  }
  return 0
}
