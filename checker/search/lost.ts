import { load, type Recoverer } from '../codegen/wasm/load.ts'
import { printRecoverer, RECOVERIES_AT_ONCE } from '../codegen/wasm/recoverer.ts'
import type { Recovery, System } from '../ir/ir.ts'
import type { Programs } from './programs.ts'
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
  programs: Programs,
): Promise<Lost[] | undefined> {
  const { layout, space, sizes } = plan
  const lost: Lost[] = []
  for (let at = 0; at < recoveries.length; at += RECOVERIES_AT_ONCE) {
    const group = recoveries.slice(at, at + RECOVERIES_AT_ONCE)
    const program = programs.get(`recoveries from ${at} on, ${layout.isCoded}`, () =>
      printRecoverer(system, group, layout, space, sizes.threads > 1),
    )
    const sought = await searcher.recover(plan, graph, program)
    if (sought === undefined) return undefined
    const recoverer = load<Recoverer>(program, graph.memories, space, 0)
    const first = firstLost(recoverer, sought, graph.ranges)
    group.forEach((recovery, index) => {
      const state = first.get(1 << index)
      if (state !== undefined) lost.push({ recovery, state })
    })
  }
  return lost
}

/** Returns, for each recovery of `sought` that fails, the first state where it is due and not marked, by the recovery's bit. */
function firstLost(recoverer: Recoverer, sought: number, ranges: readonly number[]): Map<number, number> {
  const first = new Map<number, number>()
  let left = sought
  for (let at = 0; at < ranges.length && left !== 0; at += 2) {
    const to = ranges[at + 1] as number
    recoverer.seek(left)
    for (let from = ranges[at] as number; left !== 0; from++) {
      from = recoverer.lost(from, to)
      if (from === 0) break
      for (let bits = recoverer.missed(from); bits !== 0; bits &= bits - 1) first.set(bits & -bits, from)
      left &= ~recoverer.missed(from)
      recoverer.seek(left)
    }
  }
  return first
}
