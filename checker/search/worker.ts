import { hitOffset, TRAPPED_AHEAD } from '../codegen/checks.ts'
import { BLOCK, countsOf, type Own, spare, viewOwn } from '../codegen/wasm/arena.ts'
import { type Explorer, load, type Recoverer } from '../codegen/wasm/load.ts'
import { BUCKET } from '../codegen/wasm/table.ts'
import { FULL, firstSlots } from './memory.ts'
import { COUNTS, Count, Decision, meet, type Shared, Stop, share, stop, Word } from './sharedSearch.ts'

/** What one worker found out: see `Space`. */
export interface Share {
  readonly hits: Int32Array
  readonly noted: Uint8Array
  readonly coverage: Float64Array
  readonly slots: number
}

/**
 * One worker's part of a search. All expand ranges of the same level, store what is new under numbers of which each
 * takes a block at a time, and meet when the level is done or when the table must grow.
 */
export class Member {
  readonly #shared: Shared
  readonly #index: number
  readonly #own: Own
  readonly #explorer: Explorer
  /** Where the range begins that it is storing now. */
  #opened = 0
  #slots: number
  /** What was decided when all last met; the end may be decided in the middle of a level, for want of room. */
  #decision: number = Decision.goOn

  constructor(shared: Shared, index: number) {
    this.#shared = shared
    this.#index = index
    this.#slots = firstSlots(shared.workers, shared.plan.sizes.places)
    const { sizes, space, explorer } = shared.plan
    this.#own = viewOwn(shared.memories, space, sizes, index)
    this.#explorer = load<Explorer>(explorer, shared.memories, space, index, {
      room: next => Number(this.#room(next)),
      block: next => this.#block(next),
    })
  }

  search(): Share {
    const { X, plan, ranges } = this.#shared
    const explorer = this.#explorer
    explorer.resize(this.#slots)
    explorer.moveTo(this.#block(0))
    if (this.#index === 0) {
      this.#own.B.set(plan.initial)
      explorer.seed()
      this.#close(explorer.next())
      this.#noticeHit()
      this.#endLevel()
    }
    while (this.#decision !== Decision.end && this.#meet() !== Decision.end) {
      share(this.#shared, X[Word.levelEnd] as number, range =>
        this.#expand(ranges[2 * range] as number, ranges[2 * range + 1] as number),
      )
      this.#close(explorer.next())
      this.#endLevel()
    }
    return {
      hits: this.#own.F.slice(),
      noted: this.#own.V.slice(),
      coverage: countsOf(this.#own),
      slots: this.#slots,
    }
  }

  #expand(from: number, to: number): void {
    const { counts } = this.#shared
    add(counts, COUNTS * this.#index + Count.steps, this.#explorer.expand(from, to))
    add(counts, COUNTS * this.#index + Count.expanded, to - from)
    this.#noticeHit()
  }

  #noticeHit(): void {
    if (this.#own.F[0] !== 0) stop(this.#shared, Stop.violation)
  }

  /** What was refused in a state ahead ends the search here: something nearer could come first. */
  #endLevel(): void {
    if (this.#own.F[hitOffset(TRAPPED_AHEAD) / 4] !== 0) stop(this.#shared, Stop.violation)
  }

  #room(next: number): boolean {
    const { X, plan } = this.#shared
    const numbers = Atomics.load(X, Word.numbers)
    if (numbers > plan.budget.states) stop(this.#shared, Stop.memory)
    if (Atomics.load(X, Word.stop) !== Stop.no) return false
    if (numbers > this.#slots * FULL) Atomics.store(X, Word.grow, 1)
    if (Atomics.load(X, Word.grow) === 0) return true
    this.#close(next)
    return this.#meet() === Decision.grow
  }

  /** Notes the states stored since the last time as a range. */
  #close(next: number): void {
    const { X, ranges, counts } = this.#shared
    if (next === this.#opened) return
    const range = Atomics.add(X, Word.ranges, 1)
    ranges[2 * range] = this.#opened
    ranges[2 * range + 1] = next
    add(counts, COUNTS * this.#index + Count.found, next - this.#opened)
    this.#opened = next
  }

  #block(next: number): number {
    if (next !== 0) this.#close(next)
    this.#opened = Atomics.add(this.#shared.X, Word.numbers, BLOCK)
    return this.#opened
  }

  #meet(): number {
    this.#decision = meet(this.#shared, () => this.#decide())
    if (this.#decision === Decision.grow) this.#grow()
    return this.#decision
  }

  #decide(): number {
    const { X } = this.#shared
    if (X[Word.stop] !== Stop.no) return Decision.end
    if (X[Word.grow] !== 0) {
      X[Word.grow] = 0
      return Decision.grow
    }
    if (X[Word.levelEnd] === X[Word.ranges]) return Decision.end
    X[Word.claim] = X[Word.levelEnd] as number
    X[Word.levelEnd] = X[Word.ranges] as number
    add(X, Word.depth, 1)
    return Decision.goOn
  }

  /** Doubles the table, together with all others. */
  #grow(): void {
    const explorer = this.#explorer
    const part = this.#slots / this.#shared.workers
    const start = (index: number) => BUCKET * Math.round((part * index) / BUCKET)
    const first = explorer.run(start(this.#index))
    meet(this.#shared, () => Decision.goOn)
    explorer.double(first, start(this.#index + 1))
    meet(this.#shared, () => Decision.goOn)
    this.#slots *= 2
    explorer.resize(this.#slots)
  }
}

/** Adds `amount` to `counts[index]`, which only one thread writes at a time. */
function add(counts: Int32Array | Float64Array, index: number, amount: number): void {
  counts[index] = (counts[index] as number) + amount
}

/** One worker's part of marking, which goes as that of one thread does; false when aborted. */
export function recoverPart(
  shared: Shared,
  index: number,
  program: WebAssembly.Module,
  slots: number,
): boolean {
  const { X, ranges, counts, memories, plan } = shared
  const recoverer = load<Recoverer>(program, memories, plan.space, index)
  recoverer.resize(slots)
  const last = X[Word.ranges] as number
  const [from, to] = spare(plan.sizes, X[Word.numbers] as number, index)
  const look = (claimed: number) => {
    const range = last - 1 - claimed
    const [first, next] = [ranges[2 * range] as number, ranges[2 * range + 1] as number]
    Atomics.add(X, Word.changes, recoverer.look(first, next))
    add(counts, COUNTS * index + Count.looked, next - first)
  }
  share(shared, last, range => recoverer.mark(ranges[2 * range] as number, ranges[2 * range + 1] as number))
  while (meet(shared, () => nextRound(X)) !== Decision.end) {
    counts[COUNTS * index + Count.looked] = 0
    recoverer.keep(from, to)
    share(shared, last, look)
    if (recoverer.full() !== 0) Atomics.store(X, Word.grow, 1)
    for (let back = true; meet(shared, () => nextSweep(X)) !== Decision.end; back = !back)
      Atomics.add(X, Word.changes, recoverer.again(Number(back)))
  }
  return X[Word.stop] === Stop.no
}

/** States are looked at first, and again if there was too little room for pairs and a mark was added. */
function nextRound(X: Int32Array): number {
  const isFirst = X[Word.marks] === -1
  if (X[Word.stop] !== Stop.no) return Decision.end
  if (!isFirst && (X[Word.grow] === 0 || X[Word.marks] === 0)) return Decision.end
  if (!isFirst) add(X, Word.passes, 1)
  X[Word.claim] = 0
  X[Word.grow] = 0
  X[Word.marks] = 0
  return Decision.goOn
}

/** Pairs are gone through until that adds no mark. */
function nextSweep(X: Int32Array): number {
  const added = X[Word.changes] as number
  X[Word.changes] = 0
  X[Word.marks] = (X[Word.marks] as number) | added
  return added === 0 || X[Word.stop] !== Stop.no ? Decision.end : Decision.goOn
}
