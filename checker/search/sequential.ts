import { hitOffset, TRAPPED_AHEAD } from '../codegen/checks.ts'
import {
  countsOf,
  type Memories,
  reserve,
  type SharedArrays,
  spare,
  type ThreadArrays,
  viewShared,
  viewThread,
} from '../codegen/wasm/arena.ts'
import { type Explorer, load, type Recoverer } from '../codegen/wasm/load.ts'
import { must } from '../text/at.ts'
import { bytesPerStored, FIRST_SLOTS, FULL } from './budget.ts'
import { frontierOf, type LiveShared, type Stage, type WordChanges } from './liveShared.ts'
import { LiveWorker } from './liveWorker.ts'
import type { Pulse } from './pulse.ts'
import type { Ending, Found, Graph, Plan, Progress, Searcher } from './search.ts'

/** States expanded between two checks for an abort: some milliseconds. */
const SLICE = 4096

/** Searches in the calling thread. */
export function sequential(pulse: Pulse): Searcher {
  let search: SequentialSearch
  return {
    search: plan => {
      search = new SequentialSearch(plan, pulse)
      return search.search()
    },
    live: (shared, stage) => search.live(shared, stage),
    recover: (_, graph, program) => search.recover(graph, program),
  }
}

class SequentialSearch {
  readonly #plan: Plan
  readonly #pulse: Pulse
  readonly #memories: Memories
  readonly #arena: SharedArrays
  readonly #own: ThreadArrays
  readonly #explorer: Explorer
  #slots = FIRST_SLOTS
  #generated = 0
  /** States expanded since the last check for an abort. */
  #sinceRest = 0
  #depth = 0
  #passes = 0
  #ending: Ending = 'complete'
  #live: { readonly shared: LiveShared; readonly worker: LiveWorker } | undefined

  constructor(plan: Plan, pulse: Pulse) {
    this.#plan = plan
    this.#pulse = pulse
    const { sizes, space, explorer } = plan
    this.#memories = reserve(space)
    this.#arena = viewShared(this.#memories, space, sizes)
    this.#own = viewThread(this.#memories, space, sizes, 0)
    this.#explorer = load<Explorer>(explorer, this.#memories, space, 0, {
      room: (next, count) => Number(this.#room(next, count)),
      block: () => 0,
    })
  }

  async search(): Promise<Found> {
    const explorer = this.#explorer
    explorer.resize(this.#slots)
    explorer.moveTo(1)
    this.#own.batch.set(this.#plan.initial)
    explorer.seed()
    const ranges = [1, explorer.next()]
    this.#endLevel()
    for (let from = 1; this.#ending === 'complete' && from < explorer.next(); ) {
      const to = explorer.next()
      await this.#level(from, to)
      this.#endLevel()
      if (explorer.next() > to) {
        ranges.push(to, explorer.next())
        this.#depth++
      }
      from = to
    }
    return {
      graph: { arena: this.#arena, memories: this.#memories, slots: this.#slots, ranges },
      ending: this.#ending,
      distinct: explorer.next() - 1,
      generated: this.#generated,
      depth: this.#depth,
      coverage: countsOf(this.#own),
      hits: [this.#own.hits],
      noted: this.#own.noted,
    }
  }

  /**
   * A value rejected in a state ahead ends the search at the end of the level, because something nearer could
   * still come.
   */
  #endLevel(): void {
    const { hits } = this.#own
    if (this.#ending === 'complete' && (hits[0] !== 0 || hits[hitOffset(TRAPPED_AHEAD) / 4] !== 0))
      this.#ending = 'violation'
  }

  /** Expands the states from `from` to before `to`, in slices. */
  async #level(from: number, to: number): Promise<void> {
    for (let at = from; at < to && this.#ending === 'complete'; at += SLICE) {
      const end = Math.min(to, at + SLICE)
      this.#generated += this.#explorer.expand(at, end)
      if (this.#own.hits[0] !== 0 && this.#ending === 'complete') this.#ending = 'violation'
      this.#sinceRest += end - at
      if (this.#sinceRest >= SLICE) await this.#rest(end)
    }
  }

  async #rest(expanded: number): Promise<void> {
    this.#sinceRest = 0
    this.#pulse.beat(() => this.#known(this.#explorer.next() - expanded))
    await this.#pulse.rest()
    if (this.#pulse.aborted && this.#ending === 'complete') this.#ending = 'aborted'
  }

  #known(frontier: number): Omit<Progress, 'rate'> {
    const distinct = this.#explorer.next() - 1
    return {
      of: this.#passes === 0 ? 'safety' : 'recoverability',
      pass: this.#passes,
      distinct,
      generated: this.#generated,
      depth: this.#depth,
      frontier,
      bytes: distinct * bytesPerStored(this.#plan.sizes) + 4 * this.#slots,
    }
  }

  /**
   * Makes room for `count` more states. Doubles the table if it is full. Returns false at the end of the
   * budget.
   */
  #room(next: number, count: number): boolean {
    if (next + count > this.#plan.budget.states) {
      this.#ending = 'memory'
      return false
    }
    if (next + count <= this.#slots * FULL) return true
    this.#explorer.double(this.#explorer.run(0), this.#slots)
    this.#slots *= 2
    this.#explorer.resize(this.#slots)
    return true
  }

  /**
   * Marks states until no mark is added. The passes go against breadth-first order, because most steps lead
   * away from the initial state. A pair that a pass cannot settle is kept; the search looks at the states again
   * only if there was no room for a pair. Returns the recoveries that are due somewhere without their goal, as a bit mask,
   * or undefined if aborted.
   */
  async recover(
    { memories, slots, ranges }: Graph,
    program: WebAssembly.Module,
  ): Promise<number | undefined> {
    const { sizes, space } = this.#plan
    const recoverer = load<Recoverer>(program, memories, space, 0)
    recoverer.resize(slots)
    const end = must(ranges.at(-1), 'the end of the last range')
    const sought = recoverer.mark(1, end)
    recoverer.seek(sought)
    for (let marked = sought; marked > 0; ) {
      this.#passes++
      const [from, to] = spare(sizes, end, 0)
      recoverer.keep(from, to)
      marked = 0
      for (let at = end; at > 1; at -= SLICE) {
        marked += recoverer.look(Math.max(1, at - SLICE), at)
        if (!(await this.#passing(Math.max(0, at - SLICE - 1)))) return undefined
      }
      for (let [more, back] = [1, true]; more > 0; back = !back) {
        more = recoverer.again(Number(back))
        marked += more
        if (!(await this.#passing(0))) return undefined
      }
      if (recoverer.full() === 0) return sought
    }
    return sought
  }

  /** Does a stage of deciding liveness. Returns undefined if aborted. */
  async live(shared: LiveShared, stage: Stage): Promise<readonly WordChanges[] | undefined> {
    if (this.#live?.shared !== shared) this.#live = { shared, worker: new LiveWorker(shared, 0) }
    this.#passes++
    const work = this.#live.worker.run(stage)
    for (let step = work.next(); ; step = work.next()) {
      if (step.done) return [step.value]
      this.#pulse.beat(() => ({ ...this.#known(frontierOf(shared, stage)), of: 'liveness' }))
      await this.#pulse.rest()
      if (this.#pulse.aborted) return undefined
    }
  }

  /** Reports the progress of a pass with `frontier` states left. Returns false if aborted. */
  async #passing(frontier: number): Promise<boolean> {
    this.#pulse.beat(() => this.#known(frontier))
    await this.#pulse.rest()
    return !this.#pulse.aborted
  }
}
