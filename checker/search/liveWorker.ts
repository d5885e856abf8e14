import { storedWords } from '../codegen/packing.ts'
import { Changes } from '../liveness/cells.ts'
import { Classes } from '../liveness/classes.ts'
import { FairCycles } from '../liveness/fairCycles.ts'
import { doubled, OutOfRoom, PartBuilder } from '../liveness/partBuilder.ts'
import { type Answer, type LiveShared, LiveWord, NO_PART, type Stage } from './liveShared.ts'
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
        return this.#changes.map(changes => changes.pairs())
      case 'pass on':
        yield* this.#eachPiece((from, to) => this.#passOn(from, to))
        return []
      case 'name':
        yield* this.#eachPiece((from, to) => this.#name(from, to, stage))
        return []
      case 'decide':
        yield* this.#eachClaim(stage.parts, part => this.#decide(part, stage.ranks))
        return this.#changes.map(changes => changes.pairs())
    }
  }

  *#eachPiece(work: (from: number, to: number) => void): Generator<void, void> {
    const { pieces } = this.#shared
    yield* this.#eachClaim(pieces.length / 2, piece =>
      work(pieces[2 * piece] as number, pieces[2 * piece + 1] as number),
    )
  }

  *#eachClaim(count: number, work: (claimed: number) => void): Generator<void, void> {
    const { words } = this.#shared
    for (;;) {
      const claimed = Atomics.add(words, LiveWord.claim, 1)
      if (claimed >= count || Atomics.load(words, LiveWord.stop) !== 0) return
      work(claimed)
      Atomics.add(words, LiveWord.done, 1)
      yield
    }
  }

  #begin(from: number, to: number): void {
    const { waiting, stays, all, graph } = this.#shared
    const { parents } = graph.arena
    for (let state = from; state < to; state++) {
      const bad = stays === 0 ? 0 : all & stays & ~this.goals(state)
      waiting[state] = (this.due(state) & ~stays) | bad
      const parent = parents[state] as number
      if (parent !== 0) this.#note(parent, state)
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
    const { waiting, fresh, stays, words } = this.#shared
    for (let at = 0; at < 4 * count; at += 4) {
      const state = edges[at] as number
      const next = edges[at + 1] as number
      const more = (waiting[state] as number) & ~this.goals(next) & ~stays
      if ((more & ~(waiting[next] as number)) === 0) continue
      Atomics.or(waiting, next, more)
      // The pass may have been at this state already.
      Atomics.store(fresh, next, 1)
      Atomics.store(words, LiveWord.again, 1)
    }
  }

  /** Notes how a step changes the words of a state. */
  #note(state: number, next: number): void {
    const codes = this.#codes
    if (codes === undefined) return
    const [from, to] = [state * this.#stride, next * this.#stride]
    for (let word = 0; word < this.#words; word++) {
      const before = codes[from + word] as number
      const after = codes[to + word] as number
      if (before !== after) (this.#changes[word] as Changes).add(before, after)
    }
  }

  /** Reports whether a step changes a word against the ranks, so that the cells are void. */
  #isAgainst(state: number, next: number, ranks: readonly Int32Array[]): boolean {
    const codes = this.#codes
    if (codes === undefined) return false
    const [from, to] = [state * this.#stride, next * this.#stride]
    for (let word = 0; word < this.#words; word++) {
      const before = codes[from + word] as number
      const after = codes[to + word] as number
      if (before === after) continue
      const rank = ranks[word] as Int32Array
      if ((rank[before] as number) < (rank[after] as number)) return true
    }
    return false
  }

  /** Names the cells of states. Spreads the cells over the parts. */
  #name(from: number, to: number, { names, count }: Extract<Stage, { do: 'name' }>): void {
    const { cells, parts, waiting, stays } = this.#shared
    const codes = this.#codes
    for (let state = from; state < to; state++) {
      let name = 0
      if (codes !== undefined)
        for (let word = 0; word < this.#words; word++)
          name ^= (names[word] as Int32Array)[codes[state * this.#stride + word] as number] as number
      cells[state] = name
      parts[state] = ((waiting[state] as number) | stays) === 0 ? NO_PART : (name >>> 0) % count
    }
  }

  /** Searches part number `number`. */
  #decide(number: number, ranks: readonly Int32Array[]): void {
    const { words, all, stays, fair } = this.#shared
    const states = this.#statesOf(number)
    if (states.length === 0) return
    try {
      const part = this.build(states, ranks).part()
      if (Atomics.load(words, LiveWord.again) !== 0) return
      new FairCycles(part, this.classes, stays, (bit, vertices) => {
        Atomics.or(words, LiveWord.violated, bit)
        for (const vertex of vertices) {
          const state = states[vertex] as number
          fair[state] = (fair[state] as number) | bit
        }
      }).find(all)
    } catch (error) {
      if (!(error instanceof OutOfRoom)) throw error
      Atomics.store(words, LiveWord.full, 1)
      Atomics.store(words, LiveWord.stop, 1)
    }
  }

  /** Returns the numbers of the states of part number `number`. */
  #statesOf(number: number): Int32Array {
    const { pieces, parts } = this.#shared
    const states = new Numbers()
    for (let piece = 0; piece < pieces.length; piece += 2) {
      const to = pieces[piece + 1] as number
      for (let state = pieces[piece] as number; state < to; state++)
        if (parts[state] === number) states.push(state)
    }
    return states.all()
  }

  /** Returns the numbers of the states of the cell of `state` in which a run can stay forever. */
  fairStatesNear(state: number, bit: number): Int32Array {
    const { pieces, fair, cells } = this.#shared
    const states = new Numbers()
    for (let piece = 0; piece < pieces.length; piece += 2) {
      const to = pieces[piece + 1] as number
      for (let other = pieces[piece] as number; other < to; other++)
        if (((fair[other] as number) & bit) !== 0 && cells[other] === cells[state]) states.push(other)
    }
    return states.all()
  }

  /**
   * Builds the part of the graph that `states` are. With `ranks`, checks that the cells and what waits are right.
   * Without them, keeps the rules.
   */
  build(states: Int32Array, ranks?: readonly Int32Array[]): PartBuilder {
    const { waiting, places, room } = this.#shared
    const masks = new Int32Array(states.length)
    for (let vertex = 0; vertex < states.length; vertex++) {
      const state = states[vertex] as number
      masks[vertex] = waiting[state] as number
      places[state] = vertex
    }
    const builder = new PartBuilder(masks, room, ranks === undefined)
    const sink = ranks === undefined ? this.#adder(builder, states) : this.#checkingAdder(builder, ranks)
    for (let from = 0; from < states.length; ) {
      let to = from
      while (to < states.length && !this.#steps.isFull) this.#steps.list(states[to++] as number)
      this.#steps.expand(sink)
      builder.endGroup(from, to)
      from = to
    }
    return builder
  }

  /** Adds edges, and notes what makes the cells void or passes on what waits. */
  #checkingAdder(builder: PartBuilder, ranks: readonly Int32Array[]): Sink {
    const { waiting, places, cells, stays, fresh, words } = this.#shared
    const { classes } = this
    const { weak, strong, finite } = classes
    return (edges, count) => {
      for (let at = 0; at < 4 * count; at += 4) {
        const state = edges[at] as number
        const next = edges[at + 1] as number
        const kind = classes.of(edges[at + 2] as number, edges[at + 3] as number)
        const before = waiting[state] as number
        const after = waiting[next] as number
        const more = before & ~after & ~stays
        if (more !== 0 && (more & ~this.goals(next)) !== 0) {
          Atomics.store(fresh, state, 1)
          Atomics.store(words, LiveWord.again, 1)
        }
        const isNear = cells[state] === cells[next]
        if (!isNear && this.#isAgainst(state, next, ranks)) {
          this.#note(state, next)
          Atomics.store(words, LiveWord.again, 1)
        }
        const isInside = isNear && ((before | stays) & (after | stays) & ~(finite[kind] as number)) !== 0
        if (isInside || ((weak[kind] as number) | (strong[kind] as number)) !== 0)
          builder.add(places[state] as number, isInside ? (places[next] as number) : -1, kind, 0)
      }
    }
  }

  #adder(builder: PartBuilder, states: Int32Array): Sink {
    const { waiting, places, cells, stays } = this.#shared
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
          cells[state] === cells[next] && (both & ~(finite[kind] as number)) !== 0 && states[place] === next
        if (isInside || ((weak[kind] as number) | (strong[kind] as number)) !== 0)
          builder.add(places[state] as number, isInside ? place : -1, kind, rule)
      }
    }
  }
}

/** A list of numbers that grows. */
class Numbers {
  #list = new Int32Array(1024)
  #count = 0

  push(number: number): void {
    if (this.#count === this.#list.length) this.#list = doubled(this.#list)
    this.#list[this.#count++] = number
  }

  all(): Int32Array {
    return this.#list.subarray(0, this.#count)
  }
}
