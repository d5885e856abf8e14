import { printStepper } from '../codegen/wasm/stepper.ts'
import { decode } from '../codegen/wasm/dictionary.ts'
import type { Liveness, Rule, System } from '../ir/ir.ts'
import { namesOf } from '../liveness/cells.ts'
import { PROPERTIES_AT_ONCE } from '../liveness/classes.ts'
import { at, must } from '../text/at.ts'
import { type Lasso, lassoOf } from './lasso.ts'
import { LIVE_WORDS, type LiveShared, LiveWord } from './liveShared.ts'
import { LiveWorker } from './liveWorker.ts'
import type { Engine, Graph, Plan } from './search.ts'

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

/**
 * Decides liveness properties on a complete graph. `room` is the number of bytes that may still be taken. Returns
 * the violated properties, or why they could not be decided.
 */
export async function findLassos(
  system: System,
  properties: readonly Liveness[],
  engine: Engine,
  graph: Graph,
  plan: Plan,
  room: number,
): Promise<readonly Violated[] | 'memory' | 'aborted'> {
  const violated: Violated[] = []
  for (let from = 0; from < properties.length; from += PROPERTIES_AT_ONCE) {
    const group = properties.slice(from, from + PROPERTIES_AT_ONCE)
    const found = await decide(system, group, engine, graph, plan, room)
    if (typeof found === 'string') return found
    violated.push(...found)
  }
  return violated
}

async function decide(
  system: System,
  properties: readonly Liveness[],
  engine: Engine,
  graph: Graph,
  plan: Plan,
  room: number,
): Promise<readonly Violated[] | 'memory' | 'aborted'> {
  const end = endOf(graph)
  const left = room - BYTES * end
  if (left < 0) return 'memory'
  const shared = share(system, properties, graph, plan, left)
  const { control } = shared
  const run = async (stage: Parameters<Engine['live']>[1]) => {
    control[LiveWord.claim] = 0
    control[LiveWord.again] = 0
    control[LiveWord.done] = 0
    return engine.live(shared, stage)
  }
  if ((await run({ do: 'begin' })) === undefined) return 'aborted'
  let changes: readonly (readonly Int32Array[])[] = []
  do {
    const answers = await run({ do: 'pass on' })
    if (answers === undefined) return 'aborted'
    changes = answers
  } while (control[LiveWord.again] !== 0)
  const names = cellNames(plan, graph, changes)
  if ((await run({ do: 'name', names })) === undefined) return 'aborted'
  const size = Math.min(LARGEST_PART, Math.max(SMALLEST_PART, Math.ceil(end / PARTS)))
  const decided = await run({ do: 'decide', parts: Math.ceil(end / size) })
  if (control[LiveWord.full] !== 0) return 'memory'
  if (decided === undefined) return 'aborted'
  const worker = control[LiveWord.violated] === 0 ? undefined : new LiveWorker(shared, 0)
  return properties.flatMap((property, index) => {
    if (((control[LiveWord.violated] as number) & (1 << index)) === 0) return []
    return [{ property, lasso: lassoOf(shared, must(worker, 'a worker'), 1 << index) }]
  })
}

/** Returns the numbers by which each word's codes name a cell. */
function cellNames(
  { layout }: Plan,
  { arena }: Graph,
  changes: readonly (readonly Int32Array[])[],
): Int32Array[] {
  if (!layout.isCoded) return []
  return Array.from({ length: layout.words }, (_, word) =>
    namesOf(
      word,
      decode(arena.dictionaries, word, 0) + 1,
      changes.map(ofThread => at(ofThread, word)),
    ),
  )
}

/** Bytes of a state in the arrays that all parts share, without `fair`, which only counterexamples touch. */
const BYTES = 13

function share(
  system: System,
  properties: readonly Liveness[],
  graph: Graph,
  plan: Plan,
  room: number,
): LiveShared {
  const { layout, space, sizes } = plan
  const end = endOf(graph)
  const array = () => new Int32Array(new SharedArrayBuffer(4 * end))
  const bits = (wanted: (property: Liveness) => boolean) =>
    properties.reduce((mask, property, index) => (wanted(property) ? mask | (1 << index) : mask), 0)
  const stepper = printStepper(system, properties, layout, space, sizes.threads > 1)
  return {
    plan,
    graph,
    properties,
    rules: system.rules.map((rule): Rule => ({ ...rule, body: [] })),
    all: bits(() => true),
    stays: bits(({ kind }) => kind === 'stays'),
    program: new WebAssembly.Module(stepper),
    pieces: piecesOf(graph.ranges),
    waiting: array(),
    goals: array(),
    cells: array(),
    fair: array(),
    fresh: new Uint8Array(new SharedArrayBuffer(end)),
    control: new Int32Array(new SharedArrayBuffer(4 * LIVE_WORDS)),
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
