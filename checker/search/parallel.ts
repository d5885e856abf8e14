import module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { reserve, viewShared } from '../codegen/wasm/arena.ts'
import { CheckerError } from '../ir/errors.ts'
import { at } from '../text/at.ts'
import { bytesPerStored, firstSlots } from './budget.ts'
import { frontierOf, LiveWord, type WordChanges } from './liveShared.ts'
import type { Pulse } from './pulse.ts'
import type { Ending, Found, Plan, Progress, Searcher } from './search.ts'
import { COUNTS, Count, Decision, type Shared, Stop, stop, WORDS, Word } from './sharedSearch.ts'
import type { WorkerResult } from './worker.ts'
import type { Order } from './workerThread.ts'

/** Milliseconds between two looks at the progress of the workers. */
const LOOK_MS = 100

/** The worker's file lies beside this one and has its ending, built or not. */
const WORKER = new URL(import.meta.url.replace(/parallel(\.\w+)$/, 'workerThread$1'))

/**
 * Node's own cache of code. Without it each thread would load the module that strips types and take twice as
 * long to start.
 */
const CODE_CACHE = module.getCompileCacheDir?.() ?? join(tmpdir(), 'node-compile-cache')

/**
 * Searches in `workers` threads over shared memory, level by level. The counts are those of one thread. The
 * threads start at once, so that they are ready when the plan is.
 */
export function parallel(pulse: Pulse, workers: number): Searcher {
  const threads = Array.from({ length: workers }, startThread)
  let shared: Shared
  return {
    async search(plan) {
      shared = makeShared(plan, workers)
      const slots = firstSlots(workers, plan.sizes.places)
      const orders = threads.map((_, index): Order => ({ do: 'search', shared, index }))
      const results = await command<WorkerResult>(threads, orders, shared, pulse, () =>
        progressOf(shared, slots),
      )
      return foundIn(shared, results)
    },
    async recover(_, { slots }, program) {
      shared.words[Word.passes] = (shared.words[Word.passes] as number) + 1
      shared.words[Word.claim] = 0
      shared.words[Word.changes] = 0
      shared.words[Word.marks] = -1
      shared.words[Word.sought] = 0
      shared.words[Word.grow] = 0
      const orders = threads.map((_, index): Order => ({ do: 'recover', shared, index, program, slots }))
      const done = await command<boolean>(threads, orders, shared, pulse, () => progressOf(shared, slots))
      return done.every(Boolean) ? (shared.words[Word.sought] as number) : undefined
    },
    async live(live, stage) {
      shared.words[Word.passes] = (shared.words[Word.passes] as number) + 1
      const abort = () => Atomics.store(live.words, LiveWord.stop, 1)
      if (pulse.aborted) abort()
      pulse.signal?.addEventListener('abort', abort)
      const orders = threads.map((_, index): Order => ({ do: 'live', shared, index, live, stage }))
      const answers = await command<WordChanges>(threads, orders, shared, pulse, () => ({
        ...progressOf(shared, live.graph.slots),
        of: 'liveness',
        frontier: frontierOf(live, stage),
      }))
      pulse.signal?.removeEventListener('abort', abort)
      return pulse.aborted ? undefined : answers
    },
    async close() {
      await Promise.all(threads.map(thread => thread.terminate()))
    },
  }
}

function startThread(): Worker {
  return new Worker(WORKER, { execArgv: [], env: { ...process.env, NODE_COMPILE_CACHE: CODE_CACHE } })
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

/** Sends each thread its order and waits for all answers. */
async function command<Reply>(
  threads: readonly Worker[],
  orders: readonly Order[],
  shared: Shared,
  pulse: Pulse,
  progress: () => Omit<Progress, 'rate'>,
): Promise<Reply[]> {
  const abort = () => stop(shared, Stop.aborted)
  if (pulse.aborted) abort()
  pulse.signal?.addEventListener('abort', abort)
  const looking = setInterval(() => pulse.beat(progress), LOOK_MS)
  try {
    return await Promise.all(threads.map((thread, index) => send<Reply>(thread, at(orders, index))))
  } finally {
    clearInterval(looking)
    pulse.signal?.removeEventListener('abort', abort)
  }
}

function send<Reply>(thread: Worker, order: Order): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      reject(
        new CheckerError(
          'CHK007',
          `a worker thread died (${cause}); try fewer workers or a lower memory limit`,
        ),
      )
    }
    thread.once('message', (answer: Reply) => {
      thread.off('error', fail).off('exit', fail)
      resolve(answer)
    })
    thread.once('error', fail).once('exit', fail)
    thread.postMessage(order)
  })
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
