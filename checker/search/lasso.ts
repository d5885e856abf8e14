import { Components } from '../liveness/components.ts'
import { cycleThrough } from '../liveness/cycle.ts'
import { must } from '../text/at.ts'
import type { LiveShared } from './liveShared.ts'
import type { LiveWorker } from './liveWorker.ts'

/**
 * A run without end: the states of a shortest prefix, of which the last one begins a cycle, and the cycle's rules
 * and states, of which the last one is where it began. If the cycle is empty the run stops there.
 */
export interface Lasso {
  readonly prefix: readonly number[]
  readonly rules: readonly number[]
  readonly cycle: readonly number[]
}

/** Returns the lasso with the shortest prefix for the violated property `bit`. */
export function lassoOf(shared: LiveShared, worker: LiveWorker, bit: number): Lasso {
  const prefix = new Prefixes(shared, worker, bit).shortest()
  const first = must(prefix.at(-1))
  const { stays } = shared
  const states = worker.fairStatesNear(first, bit)
  const part = worker.build(states, true).part()
  const classes = worker.classes
  const components = new Components(part)
  const follows = (_: number, edge: number) =>
    ((classes.finite[part.kind[edge] as number] as number) & bit) === 0
  components.find(Int32Array.from(states.keys()), follows, () => {})
  const begin = states.indexOf(first)
  const inside = new Set([...states.keys()].filter(vertex => components.of[vertex] === components.of[begin]))
  const cycle = cycleThrough({ part, classes, bit, inside, first: begin, mustWait: (stays & bit) !== 0 })
  return {
    prefix,
    rules: cycle.edges.map(edge => must(part.rule?.[edge], 'the rule of an edge')),
    cycle: cycle.edges.map(edge => must(states[part.target[edge] as number])),
  }
}

/**
 * Finds the shortest way to a state where a run can stay forever, breadth first. Whether the property waits is
 * part of where the search is: the same state counts twice, once with it and once without.
 */
class Prefixes {
  readonly #shared: LiveShared
  readonly #worker: LiveWorker
  readonly #bit: number
  /** Where each state was reached from, times two, plus 1 if the property waited there. 0: not reached. */
  readonly #calm: Int32Array
  readonly #waiting: Int32Array

  constructor(shared: LiveShared, worker: LiveWorker, bit: number) {
    this.#shared = shared
    this.#worker = worker
    this.#bit = bit
    this.#calm = new Int32Array(shared.parts.length)
    this.#waiting = new Int32Array(shared.parts.length)
  }

  shortest(): number[] {
    let level = [this.#enter(must(this.#shared.pieces[0]), 0, ROOT)]
    while (level.length > 0) {
      const ends = level.filter(place => this.#isEnd(place))
      if (ends.length > 0) return this.#wayTo(Math.min(...ends))
      level = this.#next(level)
    }
    throw new Error('no way leads to a state where a run can stay: the generated programs disagree')
  }

  /** Notes that a place is reached, unless it was before. Returns the place, or 0. */
  #enter(state: number, wasWaiting: number, from: number): number {
    const { stays } = this.#shared
    const isWaiting =
      (stays & this.#bit) === 0 &&
      ((this.#worker.due(state) & this.#bit) !== 0 ||
        (wasWaiting === 1 && (this.#worker.goals(state) & this.#bit) === 0))
    const reached = isWaiting ? this.#waiting : this.#calm
    if (reached[state] !== 0) return 0
    reached[state] = from
    return 2 * state + Number(isWaiting)
  }

  #isEnd(place: number): boolean {
    const { fair, stays } = this.#shared
    const state = place >> 1
    return ((fair[state] as number) & this.#bit) !== 0 && ((place & 1) === 1 || (stays & this.#bit) !== 0)
  }

  #next(level: readonly number[]): number[] {
    const next: number[] = []
    const enter = (edges: Int32Array, count: number, wasWaiting: number) => {
      for (let at = 0; at < 4 * count; at += 4) {
        const place = this.#enter(edges[at + 1] as number, wasWaiting, 2 * (edges[at] as number) + wasWaiting)
        if (place !== 0) next.push(place)
      }
    }
    for (const wasWaiting of [0, 1])
      this.#worker.steps(
        level.filter(place => (place & 1) === wasWaiting).map(place => place >> 1),
        (edges, count) => enter(edges, count, wasWaiting),
      )
    return next
  }

  #wayTo(end: number): number[] {
    const way: number[] = []
    for (let place = end; place !== ROOT; ) {
      const state = place >> 1
      way.unshift(state)
      place = ((place & 1) === 1 ? this.#waiting[state] : this.#calm[state]) as number
    }
    return way
  }
}

/** Where the initial state was reached from. */
const ROOT = 1
