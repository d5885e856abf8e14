import { decode } from '../codegen/wasm/dictionary.ts'
import { printStepper } from '../codegen/wasm/stepper.ts'
import type { Liveness, Rule, System } from '../ir/ir.ts'
import { grownCodes, namesOf, ranksOf } from '../liveness/cells.ts'
import { PROPERTIES_AT_ONCE } from '../liveness/classes.ts'
import { at, must } from '../text/at.ts'
import { type Lasso, lassoOf } from './lasso.ts'
import {
  FACTS,
  LIVE_WORDS,
  type LiveShared,
  LiveWord,
  NO_PART,
  type Stage,
  type WordChanges,
} from './liveShared.ts'
import { LiveWorker } from './liveWorker.ts'
import type { Programs } from './programs.ts'
import type { Graph, Plan, Searcher } from './search.ts'

/** A run that violates a liveness property. */
export interface Violated {
  readonly property: Liveness
  readonly lasso: Lasso
}

/** States that a thread claims at a time. */
const PIECE = 4096
/** The states that a part of the graph should have, at least and at most. */
const SMALLEST_PART = 2 ** 16
const LARGEST_PART = 2 ** 20
/** Parts of a large graph: two threads keep busy, and a part takes little of the memory. */
const PARTS = 16
/** A part's number is a byte. */
const MOST_PARTS = NO_PART

/**
 * Decides liveness properties on a complete graph. `room` is the number of bytes that may still be taken. Returns
 * the violated properties, or why they could not be decided.
 */
export async function findLassos(
  system: System,
  properties: readonly Liveness[],
  searcher: Searcher,
  graph: Graph,
  plan: Plan,
  room: number,
  programs: Programs,
): Promise<readonly Violated[] | 'memory' | 'aborted'> {
  const violated: Violated[] = []
  for (let from = 0; from < properties.length; from += PROPERTIES_AT_ONCE) {
    const group = properties.slice(from, from + PROPERTIES_AT_ONCE)
    const program = programs.get(`liveness from ${from} on, ${plan.layout.isCoded}`, () =>
      printStepper(system, group, plan.layout, plan.space, plan.sizes.threads > 1),
    )
    const found = await decide(system, group, searcher, graph, plan, room, program)
    if (typeof found === 'string') return found
    violated.push(...found)
  }
  return violated
}

async function decide(
  system: System,
  properties: readonly Liveness[],
  searcher: Searcher,
  graph: Graph,
  plan: Plan,
  room: number,
  program: WebAssembly.Module,
): Promise<readonly Violated[] | 'memory' | 'aborted'> {
  const left = room - BYTES * endOf(graph)
  if (left < 0) return 'memory'
  const shared = share(system, properties, graph, plan, left, program)
  const { words } = shared
  let changes = await run(searcher, shared, { do: 'begin' })
  // The first guesses are that nothing has to be passed on, and that the sample shows how words change. The search
  // learns what is different. Then it searches the cells that have grown, or everything again.
  for (let ranks: readonly Int32Array[] | undefined; changes !== undefined; ) {
    const before = ranks
    const now = ranksOfWords(plan, graph, changes)
    const grown = before?.map((rank, word) => grownCodes(rank, at(now, word)))
    if (grown?.every(codes => !codes.includes(1))) return violatedOf(shared)
    changes = await searchCells(searcher, shared, now, grown)
    if (words[LiveWord.full] !== 0) return 'memory'
    ranks = words[LiveWord.again] === 0 ? now : undefined
    if (ranks === undefined && !(await passOn(searcher, shared))) return 'aborted'
  }
  return 'aborted'
}

function violatedOf(shared: LiveShared): Violated[] {
  const { words, properties } = shared
  const found = words[LiveWord.violated] as number
  const worker = found === 0 ? undefined : new LiveWorker(shared, 0)
  return properties.flatMap((property, index) => {
    if ((found & (1 << index)) === 0) return []
    return [{ property, lasso: lassoOf(shared, must(worker, 'a worker'), 1 << index) }]
  })
}

function run(
  searcher: Searcher,
  shared: LiveShared,
  stage: Stage,
): Promise<readonly WordChanges[] | undefined> {
  const { words } = shared
  words[LiveWord.claim] = 0
  words[LiveWord.again] = 0
  words[LiveWord.done] = 0
  return searcher.live(shared, stage)
}

/**
 * Names the cells by the ranks of each word's codes, and searches them for cycles; with `grown`, only those with a code
 * that is marked there. Returns all changes known then.
 */
async function searchCells(
  searcher: Searcher,
  shared: LiveShared,
  ranks: readonly Int32Array[],
  grown: readonly Uint8Array[] | undefined,
): Promise<readonly WordChanges[] | undefined> {
  const { graph, words, fair } = shared
  if (grown === undefined && words[LiveWord.violated] !== 0) {
    fair.fill(0)
    words[LiveWord.violated] = 0
  }
  const end = endOf(graph)
  const size = Math.min(LARGEST_PART, Math.max(SMALLEST_PART, Math.ceil(end / PARTS)))
  const parts = Math.min(MOST_PARTS, Math.ceil(end / size))
  const names = ranks.map((rank, word) => namesOf(word, rank))
  const only = grown === undefined ? {} : { grown }
  if ((await run(searcher, shared, { do: 'name', names, ...only, count: parts })) === undefined)
    return undefined
  return run(searcher, shared, { do: 'decide', parts })
}

/** Passes on what waits until nothing changes. Returns false if aborted. */
async function passOn(searcher: Searcher, shared: LiveShared): Promise<boolean> {
  do if ((await run(searcher, shared, { do: 'pass on' })) === undefined) return false
  while (shared.words[LiveWord.again] !== 0)
  return true
}

/** Returns the ranks of each word's codes, given the changes that each thread has seen. */
function ranksOfWords(
  { layout }: Plan,
  { arena }: Graph,
  changes: readonly (readonly Int32Array[])[],
): Int32Array[] {
  if (!layout.isCoded) return []
  return Array.from({ length: layout.words }, (_, word) =>
    ranksOf(
      decode(arena.dictionaries, word, 0) + 1,
      changes.map(ofThread => at(ofThread, word)),
    ),
  )
}

/** Bytes of a state in the arrays that all parts share, without `fair`, which only counterexamples touch. */
const BYTES = 14

function share(
  system: System,
  properties: readonly Liveness[],
  graph: Graph,
  plan: Plan,
  room: number,
  program: WebAssembly.Module,
): LiveShared {
  const { sizes } = plan
  const end = endOf(graph)
  const bits = (wanted: (property: Liveness) => boolean) =>
    properties.reduce((mask, property, index) => (wanted(property) ? mask | (1 << index) : mask), 0)
  return {
    plan,
    graph,
    properties,
    rules: system.rules.map((rule): Rule => ({ ...rule, body: [] })),
    all: bits(() => true),
    stays: bits(({ kind }) => kind === 'stays'),
    program,
    pieces: piecesOf(graph.ranges),
    facts: new Int32Array(new SharedArrayBuffer(4 * FACTS * end)),
    fair: new Int32Array(new SharedArrayBuffer(4 * end)),
    parts: new Uint8Array(new SharedArrayBuffer(end)),
    fresh: new Uint8Array(new SharedArrayBuffer(end)),
    words: new Int32Array(new SharedArrayBuffer(4 * LIVE_WORDS)),
    room: Math.floor(room / sizes.threads),
  }
}

function piecesOf(ranges: readonly number[]): Int32Array {
  const pieces: number[] = []
  for (let index = 0; index < ranges.length; index += 2) {
    const to = at(ranges, index + 1)
    for (let from = at(ranges, index); from < to; from += PIECE) pieces.push(from, Math.min(to, from + PIECE))
  }
  const shared = new Int32Array(new SharedArrayBuffer(4 * pieces.length))
  shared.set(pieces)
  return shared
}

/** Returns the first number after those of all states. */
function endOf({ ranges }: Graph): number {
  return ranges.reduce((end, state) => Math.max(end, state), 0)
}
