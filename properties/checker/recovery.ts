import type { Recovery, System } from '../../spec/lower/ir.ts'
import { load, printRecoverer, RECOVERIES_AT_ONCE, type Recoverer } from './program.ts'
import type { Engine, Graph } from './search.ts'

/** A state from which a recovery's goal cannot be reached, though it is due there. */
export interface Lost {
  readonly recovery: Recovery
  readonly state: number
}

/**
 * Decides recoverability on a complete graph: for each recovery that fails, the first state in breadth-first order from
 * which only `protocol` rules and those that help do not lead to the goal. Undefined when aborted.
 */
export async function findLost(
  system: System,
  recoveries: readonly Recovery[],
  engine: Engine,
  graph: Graph,
): Promise<Lost[] | undefined> {
  const lost: Lost[] = []
  for (let at = 0; at < recoveries.length; at += RECOVERIES_AT_ONCE) {
    const group = recoveries.slice(at, at + RECOVERIES_AT_ONCE)
    const source = printRecoverer(system, group)
    if (!(await engine.recover(graph, source))) return undefined
    const recoverer = load<Recoverer>(source, graph.arena)
    group.forEach((recovery, index) => {
      const state = firstLost(recoverer, index, graph.ranges)
      if (state !== 0) lost.push({ recovery, state })
    })
  }
  return lost
}

function firstLost(recoverer: Recoverer, index: number, ranges: readonly number[]): number {
  for (let at = 0; at < ranges.length; at += 2) {
    const state = recoverer.lost(index, ranges[at]!, ranges[at + 1]!)
    if (state !== 0) return state
  }
  return 0
}
