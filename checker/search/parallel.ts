import { reserve, viewShared } from '../codegen/wasm/arena.ts'
import { at } from '../text/at.ts'
import { bytesPerStored, firstSlots } from './budget.ts'
import { frontierOf, LiveWord, type WordChanges } from './liveShared.ts'
import type { Pulse } from './pulse.ts'
import type { Ending, Found, Plan, Progress, Searcher } from './search.ts'
import { COUNTS, Count, Decision, type Shared, Stop, stop, WORDS, Word } from './sharedSearch.ts'
import type { Threads } from './threads.ts'
import type { WorkerResult } from './worker.ts'

/** Milliseconds between two looks at the progress of the workers. */
const LOOK_MS = 100

/** Searches in threads over shared memory, level by level. The counts are those of one thread. */
export function parallel(pulse: Pulse, threads: Threads): Searcher {
  const workers = threads.count
  let shared: Shared
  return {
    async search(plan) {
      shared = makeShared(plan, workers)
      const slots = firstSlots(workers, plan.sizes.places)
      const search = () => threads.command<WorkerResult>(index => ({ do: 'search', shared, index }))
      const results = await watched(search, shared, pulse, () => progressOf(shared, slots))
      return foundIn(shared, results)
    },
    async recover(_, { slots }, program) {
      shared.words[Word.passes] = (shared.words[Word.passes] as number) + 1
      shared.words[Word.claim] = 0
      shared.words[Word.changes] = 0
      shared.words[Word.marks] = -1
      shared.words[Word.sought] = 0
      shared.words[Word.grow] = 0
      const recover = () =>
        threads.command<boolean>(index => ({ do: 'recover', shared, index, program, slots }))
      const done = await watched(recover, shared, pulse, () => progressOf(shared, slots))
      return done.every(Boolean) ? (shared.words[Word.sought] as number) : undefined
    },
    async live(live, stage) {
      shared.words[Word.passes] = (shared.words[Word.passes] as number) + 1
      const abort = () => Atomics.store(live.words, LiveWord.stop, 1)
      if (pulse.aborted) abort()
      pulse.signal?.addEventListener('abort', abort)
      const decide = () => threads.command<WordChanges>(index => ({ do: 'live', shared, index, live, stage }))
      const answers = await watched(decide, shared, pulse, () => ({
        ...progressOf(shared, live.graph.slots),
        of: 'liveness',
        frontier: frontierOf(live, stage),
      }))
      pulse.signal?.removeEventListener('abort', abort)
      return pulse.aborted ? undefined : answers
    },
  }
}

function makeShared(plan: Plan, workers: number): Shared {
  const { sizes, space } = plan
  const memories = reserve(space)
  const shared: Shared = {
    plan,
    workers,
    memories,
    arena: viewShared(memories, space, sizes),
    words: new Int32Array(new SharedArrayBuffer(4 * WORDS)),
    ranges: new Int32Array(new SharedArrayBuffer(8 * sizes.states)),
    counts: new Float64Array(new SharedArrayBuffer(8 * COUNTS * workers)),
  }
  shared.words[Word.numbers] = 1
  shared.words[Word.depth] = -1
  shared.words[Word.decision] = Decision.goOn
  return shared
}

/** Waits for `work` of all threads. Reports progress meanwhile, and stops the threads on an abort. */
async function watched<Reply>(
  work: () => Promise<Reply[]>,
  shared: Shared,
  pulse: Pulse,
  progress: () => Omit<Progress, 'rate'>,
): Promise<Reply[]> {
  const abort = () => stop(shared, Stop.aborted)
  if (pulse.aborted) abort()
  pulse.signal?.addEventListener('abort', abort)
  const looking = setInterval(() => pulse.beat(progress), LOOK_MS)
  try {
    return await work()
  } finally {
    clearInterval(looking)
    pulse.signal?.removeEventListener('abort', abort)
  }
}

function progressOf({ plan, counts, words }: Shared, slots: number): Omit<Progress, 'rate'> {
  const sum = (place: number) =>
    counts.filter((_, index) => index % COUNTS === place).reduce((a, b) => a + b, 0)
  const distinct = sum(Count.found)
  const pass = words[Word.passes] as number
  return {
    of: pass === 0 ? 'safety' : 'recoverability',
    pass,
    distinct,
    generated: sum(Count.steps),
    depth: Math.max(0, words[Word.depth] as number),
    frontier: distinct - sum(pass === 0 ? Count.expanded : Count.looked),
    bytes: distinct * bytesPerStored(plan.sizes) + 4 * slots,
  }
}

function foundIn(shared: Shared, results: readonly WorkerResult[]): Found {
  const { words, plan, arena, memories } = shared
  const first = at(results, 0)
  const ranges = [...shared.ranges.subarray(0, 2 * (words[Word.ranges] as number))]
  const coverage = new Float64Array(plan.sizes.points)
  for (const { coverage: part } of results) {
    part.forEach((count, point) => {
      coverage[point] = (coverage[point] as number) + count
    })
  }
  const { distinct, generated } = progressOf(shared, 0)
  const endings: Ending[] = ['complete', 'violation', 'memory', 'aborted']
  return {
    graph: { arena, memories, slots: first.slots, ranges },
    ending: at(endings, words[Word.stop] as number),
    distinct,
    generated,
    depth: words[Word.depth] as number,
    coverage,
    hits: results.map(({ hits }) => hits),
    noted: results.reduce(
      (all, { noted }) => all.map((one, index) => one | (noted[index] as number)),
      first.noted,
    ),
  }
}
