import { storedWords } from '../codegen/packing.ts'
import { Changes } from '../liveness/cells.ts'
import { Classes } from '../liveness/classes.ts'
import { FairCycles } from '../liveness/fairCycles.ts'
import { doubled, OutOfRoom, PartBuilder } from '../liveness/partBuilder.ts'
import {
  FACTS,
  Fact,
  type LiveShared,
  LiveWord,
  NO_PART,
  type Stage,
  type WordChanges,
} from './liveShared.ts'
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
  *run(stage: Stage): Generator<void, WordChanges> {
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
        yield* this.#eachClaim(stage.parts, part => this.#decide(part))
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
    const { facts, stays, all, graph, words } = this.#shared
    const { parents } = graph.arena
    let idle = 0
    for (let state = from; state < to; state++) {
      const due = this.due(state)
      const goals = this.goals(state)
      idle |= all & ~stays & ~due & ~goals
      facts[FACTS * state + Fact.waiting] = (due & ~stays) | (all & stays & ~goals)
      const parent = parents[state] as number
      if (parent !== 0) this.#note(parent, state)
      if (state % SAMPLE === 0) this.#steps.list(state)
      if (this.#steps.isFull) this.#steps.expand(this.#learn)
    }
    this.#steps.expand(this.#learn)
    if (idle !== 0) Atomics.or(words, LiveWord.idle, idle)
  }

  readonly #learn: Sink = (edges, count) => {
    for (let at = 0; at < 4 * count; at += 4) this.#note(edges[at] as number, edges[at + 1] as number)
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
    const { facts, fresh, stays, words } = this.#shared
    for (let at = 0; at < 4 * count; at += 4) {
      const next = edges[at + 1] as number
      const before = facts[FACTS * (edges[at] as number) + Fact.waiting] as number
      const more = before & ~(facts[FACTS * next + Fact.waiting] as number) & ~stays
      if (more === 0 || (more & ~this.goals(next)) === 0) continue
      Atomics.or(facts, FACTS * next + Fact.waiting, more & ~this.goals(next))
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

  /** Names the cells of states. Spreads the cells to search over the parts. */
  #name(from: number, to: number, { names, grown, count }: Extract<Stage, { do: 'name' }>): void {
    const { facts, parts, stays } = this.#shared
    const codes = this.#codes
    for (let state = from; state < to; state++) {
      let name = 0
      let isGrown = grown === undefined
      if (codes !== undefined)
        for (let word = 0; word < this.#words; word++) {
          const code = codes[state * this.#stride + word] as number
          name ^= (names[word] as Int32Array)[code] as number
          if (grown !== undefined && (grown[word] as Uint8Array)[code] !== 0) isGrown = true
        }
      // All cells that are not searched share the name 0, which no other cell has.
      facts[FACTS * state + Fact.cell] = isGrown ? name | 1 : 0
      const waiting = facts[FACTS * state + Fact.waiting] as number
      parts[state] = !isGrown || (waiting | stays) === 0 ? NO_PART : (name >>> 1) % count
    }
  }

  /** Searches part number `number`. */
  #decide(number: number): void {
    const { words, all, stays, fair } = this.#shared
    const states = this.#statesOf(number)
    if (states.length === 0) return
    try {
      const part = this.build(states).part()
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
    const { pieces, fair, facts } = this.#shared
    const states = new Numbers()
    const cell = facts[FACTS * state + Fact.cell]
    for (let piece = 0; piece < pieces.length; piece += 2) {
      const to = pieces[piece + 1] as number
      for (let other = pieces[piece] as number; other < to; other++)
        if (((fair[other] as number) & bit) !== 0 && facts[FACTS * other + Fact.cell] === cell)
          states.push(other)
    }
    return states.all()
  }

  /**
   * Builds the part of the graph that `states` are. With `withRules`, keeps the rules. Otherwise checks what waits, and
   * learns how words change.
   */
  build(states: Int32Array, withRules = false): PartBuilder {
    const { facts, room } = this.#shared
    const masks = new Int32Array(states.length)
    for (let vertex = 0; vertex < states.length; vertex++) {
      const state = states[vertex] as number
      masks[vertex] = facts[FACTS * state + Fact.waiting] as number
      facts[FACTS * state + Fact.place] = vertex
    }
    const builder = new PartBuilder(masks, room, withRules)
    const sink = withRules ? this.#adder(builder, states) : this.#checkingAdder(builder)
    for (let from = 0; from < states.length; ) {
      let to = from
      while (to < states.length && !this.#steps.isFull) this.#steps.list(states[to++] as number)
      this.#steps.expand(sink)
      builder.endGroup(from, to)
      from = to
    }
    return builder
  }

  /** Adds edges. Notes which states have to pass on what waits, and how steps between cells change words. */
  #checkingAdder(builder: PartBuilder): Sink {
    const { facts, stays, fresh, words } = this.#shared
    const { classes } = this
    const { weak, strong, finite } = classes
    const idle = words[LiveWord.idle] as number
    return (edges, count) => {
      for (let at = 0; at < 4 * count; at += 4) {
        const state = edges[at] as number
        const next = edges[at + 1] as number
        const kind = classes.of(edges[at + 2] as number, edges[at + 3] as number)
        // A run that takes such a step forever is as fair as one that stops.
        if (kind === 0 && state === next) continue
        const here = FACTS * state
        const there = FACTS * next
        const before = facts[here + Fact.waiting] as number
        const after = facts[there + Fact.waiting] as number
        const more = before & ~after & idle
        if (more !== 0 && (more & ~this.goals(next)) !== 0) {
          Atomics.store(fresh, state, 1)
          Atomics.store(words, LiveWord.again, 1)
        }
        const isNear = facts[here + Fact.cell] === facts[there + Fact.cell]
        if (!isNear) this.#note(state, next)
        const isInside = isNear && ((before | stays) & (after | stays) & ~(finite[kind] as number)) !== 0
        if (isInside || ((weak[kind] as number) | (strong[kind] as number)) !== 0)
          builder.add(
            facts[here + Fact.place] as number,
            isInside ? (facts[there + Fact.place] as number) : -1,
            kind,
            0,
          )
      }
    }
  }

  #adder(builder: PartBuilder, states: Int32Array): Sink {
    const { facts, stays } = this.#shared
    const { classes } = this
    const { weak, strong, finite } = classes
    return (edges, count) => {
      for (let at = 0; at < 4 * count; at += 4) {
        const state = edges[at] as number
        const next = edges[at + 1] as number
        const rule = edges[at + 2] as number
        const kind = classes.of(rule, edges[at + 3] as number)
        const here = FACTS * state
        const there = FACTS * next
        const both =
          ((facts[here + Fact.waiting] as number) | stays) & ((facts[there + Fact.waiting] as number) | stays)
        const place = facts[there + Fact.place] as number
        const isInside =
          facts[here + Fact.cell] === facts[there + Fact.cell] &&
          (both & ~(finite[kind] as number)) !== 0 &&
          states[place] === next
        if (isInside || ((weak[kind] as number) | (strong[kind] as number)) !== 0)
          builder.add(facts[here + Fact.place] as number, isInside ? place : -1, kind, rule)
      }
    }
  }
}

/** Learns from the steps of one of so many states how words change. Few changes are rarer than that. */
const SAMPLE = 16

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
