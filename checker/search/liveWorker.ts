import { storedWords } from '../codegen/packing.ts'
import { Changes } from '../liveness/cells.ts'
import { Classes } from '../liveness/classes.ts'
import { FairCycles } from '../liveness/fairCycles.ts'
import { OutOfRoom, PartBuilder } from '../liveness/partBuilder.ts'
import { type Answer, type LiveShared, LiveWord, type Stage } from './liveShared.ts'
import { type Sink, Steps } from './steps.ts'

/** One thread's part in deciding liveness. */
export class LiveWorker {
  readonly #shared: LiveShared
  readonly #steps: Steps
  readonly classes: Classes
  /** The codes of all states, if states are coded: as many for each state as it has words, or one more. */
  readonly #codes: Uint16Array | undefined
  readonly #stride: number
  readonly #words: number
  readonly #changes: readonly Changes[]

  constructor(shared: LiveShared, thread: number) {
    this.#shared = shared
    const { plan, graph, program, rules, properties } = shared
    this.#steps = new Steps(program, plan, graph, thread)
    this.classes = new Classes(rules, properties)
    const { layout } = plan
    const { states } = graph.arena
    this.#stride = 2 * storedWords(layout)
    this.#words = layout.isCoded ? layout.words : 0
    this.#codes = layout.isCoded
      ? new Uint16Array(states.buffer, states.byteOffset, 2 * states.length)
      : undefined
    this.#changes = Array.from({ length: this.#words }, () => new Changes())
  }

  /** Returns the properties that begin to wait in a state. */
  due(state: number): number {
    return this.#steps.due(state)
  }

  /** Returns the properties whose goal holds in a state. */
  goals(state: number): number {
    return this.#steps.goals(state)
  }

  /** Passes the steps from `states` to `sink`. */
  steps(states: readonly number[], sink: Sink): void {
    for (const state of states) {
      this.#steps.list(state)
      if (this.#steps.isFull) this.#steps.expand(sink)
    }
    this.#steps.expand(sink)
  }

  /** Does its part of a stage, and pauses after each piece. Returns what it learned. */
  *run(stage: Stage): Generator<void, Answer> {
    switch (stage.do) {
      case 'begin':
        yield* this.#eachPiece((from, to) => this.#begin(from, to))
        return []
      case 'pass on':
        yield* this.#eachPiece((from, to) => this.#passOn(from, to))
        return this.#changes.map(changes => changes.pairs())
      case 'name':
        yield* this.#eachPiece((from, to) => this.#name(from, to, stage.names))
        return []
      case 'decide':
        yield* this.#eachClaim(stage.parts, part => this.#decide(part, stage.parts))
        return []
    }
  }

  *#eachPiece(work: (from: number, to: number) => void): Generator<void, void> {
    const { pieces } = this.#shared
    yield* this.#eachClaim(pieces.length / 2, piece =>
      work(pieces[2 * piece] as number, pieces[2 * piece + 1] as number),
    )
  }

  *#eachClaim(count: number, work: (claimed: number) => void): Generator<void, void> {
    const { control } = this.#shared
    for (;;) {
      const claimed = Atomics.add(control, LiveWord.claim, 1)
      if (claimed >= count || Atomics.load(control, LiveWord.stop) !== 0) return
      work(claimed)
      Atomics.add(control, LiveWord.done, 1)
      yield
    }
  }

  #begin(from: number, to: number): void {
    const { waiting, goals, fresh, stays, all } = this.#shared
    for (let state = from; state < to; state++) {
      const reached = this.#steps.goals(state)
      goals[state] = reached
      waiting[state] = (this.#steps.due(state) & ~stays) | (all & stays & ~reached)
      fresh[state] = 1
    }
  }

  #passOn(from: number, to: number): void {
    const { fresh } = this.#shared
    for (let state = from; state < to; state++) {
      if (Atomics.load(fresh, state) === 0) continue
      Atomics.store(fresh, state, 0)
      this.#steps.list(state)
      if (this.#steps.isFull) this.#steps.expand(this.#pass)
    }
    this.#steps.expand(this.#pass)
  }

  readonly #pass: Sink = (edges, count) => {
    const { waiting, goals, fresh, stays, control } = this.#shared
    for (let at = 0; at < 4 * count; at += 4) {
      const state = edges[at] as number
      const next = edges[at + 1] as number
      if (state === next) continue
      const more = (waiting[state] as number) & ~(goals[next] as number) & ~stays
      if ((more & ~(waiting[next] as number)) !== 0) {
        Atomics.or(waiting, next, more)
        // The pass may have been at this state already.
        Atomics.store(fresh, next, 1)
        Atomics.store(control, LiveWord.again, 1)
      }
      if (this.#codes !== undefined) this.#note(this.#codes, state * this.#stride, next * this.#stride)
    }
  }

  #note(codes: Uint16Array, from: number, to: number): void {
    for (let word = 0; word < this.#words; word++) {
      const [before, after] = [codes[from + word] as number, codes[to + word] as number]
      if (before !== after) (this.#changes[word] as Changes).add(before, after)
    }
  }

  #name(from: number, to: number, names: readonly Int32Array[]): void {
    const { cells } = this.#shared
    const codes = this.#codes
    if (codes === undefined) return
    for (let state = from; state < to; state++) {
      let name = 0
      for (let word = 0; word < this.#words; word++)
        name ^= (names[word] as Int32Array)[codes[state * this.#stride + word] as number] as number
      cells[state] = name
    }
  }

  /** Searches part number `number` of `parts`. The cells are spread over the parts. */
  #decide(number: number, parts: number): void {
    const { control, all, stays, fair } = this.#shared
    const states = this.statesOf(state => this.#partOf(state, parts) === number)
    if (states.length === 0) return
    try {
      const part = this.build(states).part()
      new FairCycles(part, this.classes, stays, (bit, vertices) => {
        Atomics.or(control, LiveWord.violated, bit)
        for (const vertex of vertices) {
          const state = states[vertex] as number
          fair[state] = (fair[state] as number) | bit
        }
      }).find(all)
    } catch (error) {
      if (!(error instanceof OutOfRoom)) throw error
      Atomics.store(control, LiveWord.full, 1)
      Atomics.store(control, LiveWord.stop, 1)
    }
  }

  #partOf(state: number, parts: number): number {
    return ((this.#shared.cells[state] as number) >>> 0) % parts
  }

  /** Returns the numbers of the states where a property waits, or may, and that `isWanted` accepts. */
  statesOf(isWanted: (state: number) => boolean): Int32Array {
    const { pieces, waiting, stays } = this.#shared
    let states = new Int32Array(1024)
    let count = 0
    for (let piece = 0; piece < pieces.length; piece += 2)
      for (let state = pieces[piece] as number; state < (pieces[piece + 1] as number); state++) {
        if (((waiting[state] as number) | stays) === 0 || !isWanted(state)) continue
        if (count === states.length) {
          const longer = new Int32Array(2 * count)
          longer.set(states)
          states = longer
        }
        states[count++] = state
      }
    return states.subarray(0, count)
  }

  /** Builds the part of the graph that `states` are. Their places in it replace their goals. */
  build(states: Int32Array, withRules = false): PartBuilder {
    const { waiting, goals: places, room } = this.#shared
    const builder = new PartBuilder(
      states.map(state => waiting[state] as number),
      room,
      withRules,
    )
    states.forEach((state, vertex) => {
      places[state] = vertex
    })
    const sink = this.#adder(builder, states)
    for (let from = 0; from < states.length; ) {
      let to = from
      while (to < states.length && !this.#steps.isFull) this.#steps.list(states[to++] as number)
      this.#steps.expand(sink)
      builder.endGroup(from, to)
      from = to
    }
    return builder
  }

  #adder(builder: PartBuilder, states: Int32Array): Sink {
    const { waiting, goals: places, cells, stays } = this.#shared
    const { classes } = this
    const { weak, strong, finite } = classes
    return (edges, count) => {
      for (let at = 0; at < 4 * count; at += 4) {
        const state = edges[at] as number
        const next = edges[at + 1] as number
        const rule = edges[at + 2] as number
        const kind = classes.of(rule, edges[at + 3] as number)
        const both = ((waiting[state] as number) | stays) & ((waiting[next] as number) | stays)
        const place = places[next] as number
        const isInside =
          cells[state] === cells[next] &&
          (both & ~(finite[kind] as number)) !== 0 &&
          states[place] === next
        if (isInside || ((weak[kind] as number) | (strong[kind] as number)) !== 0)
          builder.add(places[state] as number, isInside ? place : -1, kind, rule)
      }
    }
  }
}
