import { type Layout, storedWords, unpack } from '../codegen/packing.ts'
import { decode } from '../codegen/wasm/dictionary.ts'
import { at, must } from '../text/at.ts'
import type { Graph } from './search.ts'
import type { State, Walk } from './walk.ts'

/** A path through a system: the indexes of the rules taken, and the states passed, one more than rules. */
export interface Path {
  readonly rules: readonly number[]
  readonly states: readonly State[]
}

/** Returns the length of the shortest path to state number `state`, in steps. */
export function distanceOf(graph: Graph, state: number): number {
  let steps = -1
  for (let at = state; at !== 0; at = graph.arena.parents[at] as number) steps++
  return steps
}

/**
 * Returns the shortest path to state number `state`. The search stores parents; this finds the rules between
 * them by taking each. With `last`, adds one more step by that rule.
 */
export function pathTo(graph: Graph, layout: Layout, walk: Walk, state: number, last = -1): Path {
  const way: number[] = []
  for (let at = state; at !== 0; at = graph.arena.parents[at] as number) way.unshift(at)
  const { rules, states } = pathAlong(graph, layout, walk, way)
  if (last < 0) return { rules, states }
  return { rules: [...rules, last], states: [...states, walk.take(must(states.at(-1)), last).state] }
}

/** Returns the states with the numbers `way`, each a successor of the one before, and rules that lead along them. */
export function pathAlong(graph: Graph, layout: Layout, walk: Walk, way: readonly number[]): Path {
  const states = statesOf(graph, layout, way)
  return { rules: states.slice(1).map((to, index) => ruleBetween(walk, at(states, index), to)), states }
}

/** Returns the states with the numbers `way`. */
export function statesOf(graph: Graph, layout: Layout, way: readonly number[]): State[] {
  return way.map(state => unpack(layout, wordsOf(graph, layout, state), 0))
}

/** Returns the words of state number `state`. */
function wordsOf({ arena: { states, dictionaries } }: Graph, layout: Layout, state: number): Int32Array {
  const from = state * storedWords(layout)
  if (!layout.isCoded) return states.subarray(from, from + layout.words)
  return Int32Array.from({ length: layout.words }, (_, word) =>
    decode(dictionaries, word, ((states[from + (word >> 1)] as number) >>> (16 * (word & 1))) & 0xffff),
  )
}

function ruleBetween(walk: Walk, from: State, to: State): number {
  const rule = walk.enabled(from).find(index => equal(walk.take(from, index).state, to))
  if (rule === undefined)
    throw new Error('no rule leads from a state to its child: the generated programs disagree')
  return rule
}

function equal(left: State, right: State): boolean {
  return left.every((value, index) => value === right[index])
}
