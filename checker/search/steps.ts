import { LISTED, viewThread } from '../codegen/wasm/arena.ts'
import { load, type Stepper } from '../codegen/wasm/load.ts'
import type { Graph, Plan } from './search.ts'

/** Receives steps, four numbers each: a state, its successor, the rule, and the value of the rule's `each`. */
export type Sink = (edges: Int32Array, count: number) => void

/** Finds the steps between the states of an explored graph, for one thread. */
export class Steps {
  readonly #stepper: Stepper
  readonly #listed: Int32Array
  #sink: Sink = () => {}
  /** States listed whose successors are not yet found. */
  count = 0

  constructor(program: WebAssembly.Module, plan: Plan, graph: Graph, thread: number) {
    const own = viewThread(graph.memories, plan.space, plan.sizes, thread)
    this.#listed = own.listed
    this.#stepper = load<Stepper>(program, graph.memories, plan.space, thread, {
      edges: count => this.#sink(own.edges, count),
    })
    this.#stepper.resize(graph.slots)
  }

  get isFull(): boolean {
    return this.count === LISTED
  }

  /** Lists a state. At most {@link LISTED} fit. */
  list(state: number): void {
    this.#listed[this.count++] = state
  }

  /** Passes the steps from all listed states to `sink`, and forgets the states. */
  expand(sink: Sink): void {
    this.#sink = sink
    this.#stepper.expand(0, this.count)
    this.count = 0
  }

  /** Returns the properties that begin to wait in a state. */
  due(state: number): number {
    return this.#stepper.due(state)
  }

  /** Returns the properties whose goal holds in a state. */
  goals(state: number): number {
    return this.#stepper.goals(state)
  }
}
