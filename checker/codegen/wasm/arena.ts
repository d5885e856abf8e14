import { CheckerError } from '../../ir/errors.ts'
import { must } from '../../text/at.ts'
import { type Code, constant, count, getGlobal, type Region, storeByte } from './code.ts'
import { DICTIONARY } from './dictionary.ts'

/** How much is to be stored, and how much a thread needs besides. */
export interface Sizes {
  /** Words that a state is stored in. */
  readonly words: number
  /** Dictionaries of words, if states are stored in codes. */
  readonly dictionaries: number
  readonly states: number
  readonly slots: number
  /** Whether states have recovery marks. */
  readonly marked: boolean
  /** Places of a batch: one for each successor. */
  readonly places: number
  /** States in which one rule is taken before the next. */
  readonly chunk: number
  readonly checks: number
  readonly points: number
  /** Left sides of implications, and rules. */
  readonly lefts: number
  readonly rules: number
  /** States remembered as recent, a power of two. */
  readonly recent: number
  readonly threads: number
}

/** Where everything lies. The arrays of a thread begin at its own base, the imported global `base`. */
export interface Space {
  /** Stored states; state `s` begins at `s * words`. State 0 is not used: 0 is an empty slot of the table. */
  readonly states: Region
  /** The state from which each state was first reached; 0 for the initial state. */
  readonly parents: Region
  /** The hash table. */
  readonly tableSlots: Region
  /** Dictionaries of words. */
  readonly dictionaries: Region
  /** For each state, the recoveries whose goal it can reach, as a bit mask. */
  readonly marks: Region
  /** The batch of successors. */
  readonly batch: Region
  /** For each state of a batch that is looked for: its hash, its slot, its address in the batch. */
  readonly hashes: Region
  readonly matches: Region
  readonly firstMatches: Region
  readonly addresses: Region
  /** Not 0 at 0 when the search is to stop; then for each check the state that it was found in and rule + 1. */
  readonly hits: Region
  /** How often each coverage point was passed, 64 bits each. */
  readonly coverage: Region
  /** Recent states. */
  readonly recent: Region
  /** For each state of a chunk, whether it has a successor that is no fault. */
  readonly alive: Region
  /** For each left side of an implication, not 0 if it was true; then for each rule, if it was taken. */
  readonly noted: Region
  /** Bytes from one thread's base to the next. */
  readonly own: number
  /** Pages of each memory. */
  readonly pages: readonly number[]
}

/** State numbers that a worker reserves at a time. */
export const BLOCK = 1024

const PAGE = 65_536
const MOST_PAGES = 65_536

/** The index of the imported global that holds the thread's base. */
export const BASE = 0

/** Lays everything into one memory if it has room for it, and else gives each array of the graph its own. */
export function layOutSpace(sizes: Sizes): Space {
  const own = layOutOwn(sizes)
  const first = own.bytes * sizes.threads
  const arrays = [
    ['dictionaries', DICTIONARY * sizes.dictionaries],
    ['tableSlots', 4 * sizes.slots],
    ['parents', 4 * sizes.states],
    ['marks', sizes.marked ? sizes.states : 0],
    ['states', 4 * sizes.words * sizes.states],
  ] as const
  const total = arrays.reduce((sum, [, bytes]) => sum + inPages(bytes), inPages(first))
  const fitsInOne = total <= PAGE * MOST_PAGES
  const pages = [inPages(first) / PAGE]
  const place = Object.fromEntries(
    arrays.map(([name, bytes]) => {
      const memory = fitsInOne || name === 'dictionaries' || name === 'states' ? 0 : pages.length
      const offset = PAGE * (pages[memory] ?? 0)
      pages[memory] = (pages[memory] ?? 0) + inPages(bytes) / PAGE
      return [name, { memory, offset }]
    }),
  ) as Record<'states' | 'tableSlots' | 'parents' | 'marks' | 'dictionaries', Region>
  return { ...place, ...own.regions, own: own.bytes, pages }
}

/** The arrays of one thread. The batch comes first, so that an address in it needs no offset. */
function layOutOwn({ words, places, chunk, checks, points, lefts, rules, recent }: Sizes) {
  let bytes = 0
  const reserve = (size: number): Region => {
    const region = { memory: 0, offset: bytes }
    bytes = Math.ceil((bytes + size) / 64) * 64
    return region
  }
  const regions = {
    batch: reserve(4 * places * (words + 1)),
    hashes: reserve(4 * (places + 1)),
    matches: reserve(4 * (places + 1)),
    firstMatches: reserve(4 * (places + 1)),
    addresses: reserve(4 * (places + 1)),
    hits: reserve(4 * (1 + 2 * checks)),
    coverage: reserve(8 * points),
    recent: reserve(4 * words * recent),
    alive: reserve(chunk),
    noted: reserve(lefts + rules),
  }
  return { regions, bytes: inPages(bytes) }
}

function inPages(bytes: number): number {
  return Math.ceil(bytes / PAGE) * PAGE
}

export const base: Code = getGlobal(BASE)

/** Counts that coverage point `point` was passed. */
export function cover({ coverage }: Space, point: number): Code {
  return count(coverage, base, 8 * point)
}

/** Notes that left side `point` was true. */
export function noteLeft({ noted }: Space, point: number): Code {
  return storeByte(noted, base, constant(1), point)
}

/** The memories of an exploration, which worker threads may share. */
export type Memories = readonly WebAssembly.Memory[]

/**
 * Reserves memory. The system hands out pages only as they are touched, so a large limit costs a small search nothing; and
 * arrays that never move are constants to generated code. Shared memory is not V8's own: with any other it would collect
 * garbage because of so much of it. Throws CHK004 when there is not so much.
 */
export function reserve({ pages }: Space): Memories {
  try {
    return pages.map(count => new WebAssembly.Memory({ initial: count, maximum: count, shared: true }))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new CheckerError('CHK004', 'the machine does not give that much memory; lower the memory limit')
  }
}

/** What of the memories is read from outside of the generated programs. */
export interface SharedArrays {
  readonly states: Int32Array
  readonly parents: Int32Array
  readonly dictionaries: Int32Array
}

export function viewShared(
  memories: Memories,
  { states, parents, dictionaries }: Space,
  sizes: Sizes,
): SharedArrays {
  return {
    states: view(memories, states, sizes.words * sizes.states),
    parents: view(memories, parents, sizes.states),
    dictionaries: view(memories, dictionaries, (DICTIONARY * sizes.dictionaries) / 4),
  }
}

/** The bytes of `states` that states before `end` leave to a thread. */
export function spare(
  { words, states, threads }: Sizes,
  end: number,
  thread: number,
): [from: number, to: number] {
  const [first, last] = [4 * words * end, 4 * words * states]
  const part = (index: number) => 8 * Math.floor((first + ((last - first) * index) / threads) / 8) + 8
  return [part(thread), Math.max(part(thread), part(thread + 1) - 8)]
}

/** What of a thread's own arrays is read from outside. */
export interface ThreadArrays {
  readonly batch: Int32Array
  readonly hits: Int32Array
  readonly coverage: BigInt64Array
  readonly noted: Uint8Array
}

export function viewThread(memories: Memories, space: Space, sizes: Sizes, thread: number): ThreadArrays {
  const at = (region: Region): Region => ({
    memory: region.memory,
    offset: thread * space.own + region.offset,
  })
  const { buffer } = must(memories[0], 'memory 0')
  const { offset } = at(space.coverage)
  return {
    batch: view(memories, at(space.batch), sizes.places * (sizes.words + 1)),
    hits: view(memories, at(space.hits), 1 + 2 * sizes.checks),
    coverage: new BigInt64Array(buffer, offset, sizes.points),
    noted: new Uint8Array(buffer, at(space.noted).offset, sizes.lefts + sizes.rules),
  }
}

/** How often each coverage point was passed. */
export function countsOf({ coverage }: ThreadArrays): Float64Array {
  return Float64Array.from(coverage, Number)
}

function view(memories: Memories, { memory, offset }: Region, length: number): Int32Array {
  return new Int32Array(must(memories[memory], `memory ${memory}`).buffer, offset, length)
}
