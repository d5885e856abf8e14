import { hitOffset, TRAPPED_AHEAD } from '../codegen/checks.ts'
import { BLOCK, countsOf, spare, type ThreadArrays, viewThread } from '../codegen/wasm/arena.ts'
import { type Explorer, load, type Recoverer } from '../codegen/wasm/load.ts'
import { BUCKET } from '../codegen/wasm/table.ts'
import { FULL, firstSlots } from './budget.ts'
import {
  barrier,
  COUNTS,
  Count,
  Decision,
  type Shared,
  Stop,
  shareRanges,
  stop,
  Word,
} from './sharedSearch.ts'

/** The result of one worker's search. */
export interface WorkerResult {
  readonly hits: Int32Array
  readonly noted: Uint8Array
  readonly coverage: Float64Array
  readonly slots: number
}

/**
 * One worker's part of a search. All workers expand ranges of the same level and store new states under numbers
 * that each reserves in blocks. They meet at a barrier when the level is done or the table must grow.
 */
export class SearchWorker {
  readonly #shared: Shared
  readonly #index: number
  readonly #own: ThreadArrays
  readonly #explorer: Explorer
  /** The first state of the range that it is storing now. */
  #opened = 0
  #slots: number
  /**
   * The decision of the last barrier. A worker may also decide to end in the middle of a level, for want of
   * room.
   */
  #decision: number = Decision.goOn

  constructor(shared: Shared, index: number) {
    this.#shared = shared
    this.#index = index
    this.#slots = firstSlots(shared.workers, shared.plan.sizes.places)
    const { sizes, space, explorer } = shared.plan
    this.#own = viewThread(shared.memories, space, sizes, index)
    this.#explorer = load<Explorer>(explorer, shared.memories, space, index, {
      room: next => Number(this.#room(next)),
      block: next => this.#block(next),
    })
  }

  search(): WorkerResult {
    const { words, plan, ranges } = this.#shared
    const explorer = this.#explorer
    explorer.resize(this.#slots)
    explorer.moveTo(this.#block(0))
    if (this.#index === 0) {
      this.#own.batch.set(plan.initial)
      explorer.seed()
      this.#close(explorer.next())
      this.#noticeHit()
      this.#endLevel()
    }
    while (this.#decision !== Decision.end && this.#barrier() !== Decision.end) {
      shareRanges(this.#shared, words[Word.levelEnd] as number, range =>
        this.#expand(ranges[2 * range] as number, ranges[2 * range + 1] as number),
      )
      this.#close(explorer.next())
      this.#endLevel()
    }
    return {
      hits: this.#own.hits.slice(),
      noted: this.#own.noted.slice(),
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
    if (this.#own.hits[0] !== 0) stop(this.#shared, Stop.violation)
  }

  /**
   * A value rejected in a state ahead ends the search at the end of the level, because something nearer could
   * still come.
   */
  #endLevel(): void {
    if (this.#own.hits[hitOffset(TRAPPED_AHEAD) / 4] !== 0) stop(this.#shared, Stop.violation)
  }

  #room(next: number): boolean {
    const { words, plan } = this.#shared
    const numbers = Atomics.load(words, Word.numbers)
    if (numbers > plan.budget.states) stop(this.#shared, Stop.memory)
    if (Atomics.load(words, Word.stop) !== Stop.no) return false
    if (numbers > this.#slots * FULL) Atomics.store(words, Word.grow, 1)
    if (Atomics.load(words, Word.grow) === 0) return true
    this.#close(next)
    return this.#barrier() === Decision.grow
  }

  /** Publishes the states stored since the last call as a range. */
  #close(next: number): void {
    const { words, ranges, counts } = this.#shared
    if (next === this.#opened) return
    const range = Atomics.add(words, Word.ranges, 1)
    ranges[2 * range] = this.#opened
    ranges[2 * range + 1] = next
    add(counts, COUNTS * this.#index + Count.found, next - this.#opened)
    this.#opened = next
  }

  #block(next: number): number {
    if (next !== 0) this.#close(next)
    this.#opened = Atomics.add(this.#shared.words, Word.numbers, BLOCK)
    return this.#opened
  }

  #barrier(): number {
    this.#decision = barrier(this.#shared, () => this.#decide())
    if (this.#decision === Decision.grow) this.#grow()
    return this.#decision
  }

  #decide(): number {
    const { words } = this.#shared
    if (words[Word.stop] !== Stop.no) return Decision.end
    if (words[Word.grow] !== 0) {
      words[Word.grow] = 0
      return Decision.grow
    }
    if (words[Word.levelEnd] === words[Word.ranges]) return Decision.end
    words[Word.claim] = words[Word.levelEnd] as number
    words[Word.levelEnd] = words[Word.ranges] as number
    add(words, Word.depth, 1)
    return Decision.goOn
  }

  /** Doubles the table together with all other workers. */
  #grow(): void {
    const explorer = this.#explorer
    const part = this.#slots / this.#shared.workers
    const start = (index: number) => BUCKET * Math.round((part * index) / BUCKET)
    const first = explorer.run(start(this.#index))
    barrier(this.#shared, () => Decision.goOn)
    explorer.double(first, start(this.#index + 1))
    barrier(this.#shared, () => Decision.goOn)
    this.#slots *= 2
    explorer.resize(this.#slots)
  }
}

/** Adds `amount` to `counts[index]`, which only one thread writes at a time. */
function add(counts: Int32Array | Float64Array, index: number, amount: number): void {
  counts[index] = (counts[index] as number) + amount
}

/** One worker's part of marking, like that of a single thread. Returns false if aborted. */
export function recoverPart(
  shared: Shared,
  index: number,
  program: WebAssembly.Module,
  slots: number,
): boolean {
  const { words, ranges, counts, memories, plan } = shared
  const recoverer = load<Recoverer>(program, memories, plan.space, index)
  recoverer.resize(slots)
  const last = words[Word.ranges] as number
  const [from, to] = spare(plan.sizes, words[Word.numbers] as number, index)
  const look = (claimed: number) => {
    const range = last - 1 - claimed
    const [first, next] = [ranges[2 * range] as number, ranges[2 * range + 1] as number]
    Atomics.add(words, Word.changes, recoverer.look(first, next))
    add(counts, COUNTS * index + Count.looked, next - first)
  }
  shareRanges(shared, last, range => {
    const missed = recoverer.mark(ranges[2 * range] as number, ranges[2 * range + 1] as number)
    Atomics.or(words, Word.sought, missed)
  })
  while (barrier(shared, () => nextRound(words)) !== Decision.end) {
    recoverer.seek(words[Word.sought] as number)
    counts[COUNTS * index + Count.looked] = 0
    recoverer.keep(from, to)
    shareRanges(shared, last, look)
    if (recoverer.full() !== 0) Atomics.store(words, Word.grow, 1)
    for (let back = true; barrier(shared, () => nextSweep(words)) !== Decision.end; back = !back)
      Atomics.add(words, Word.changes, recoverer.again(Number(back)))
  }
  return words[Word.stop] === Stop.no
}

/**
 * Starts the first look at all states; then another one if there was no room for a pair and a mark was added.
 */
function nextRound(words: Int32Array): number {
  const isFirst = words[Word.marks] === -1
  if (words[Word.stop] !== Stop.no || words[Word.sought] === 0) return Decision.end
  if (!isFirst && (words[Word.grow] === 0 || words[Word.marks] === 0)) return Decision.end
  if (!isFirst) add(words, Word.passes, 1)
  words[Word.claim] = 0
  words[Word.grow] = 0
  words[Word.marks] = 0
  return Decision.goOn
}

/** Sweeps the pairs until a sweep adds no mark. */
function nextSweep(words: Int32Array): number {
  const added = words[Word.changes] as number
  words[Word.changes] = 0
  words[Word.marks] = (words[Word.marks] as number) | added
  return added === 0 || words[Word.stop] !== Stop.no ? Decision.end : Decision.goOn
}
