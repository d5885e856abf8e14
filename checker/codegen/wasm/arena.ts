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
  readonly S: Region
  /** The state from which each state was first reached; 0 for the initial state. */
  readonly P: Region
  /** The hash table. */
  readonly T: Region
  /** Dictionaries of words. */
  readonly W: Region
  /** For each state, the recoveries whose goal it can reach, as a bit mask. */
  readonly M: Region
  /** The batch of successors. */
  readonly B: Region
  /** For each state of a batch that is looked for: its hash, its slot, its address in the batch. */
  readonly H: Region
  readonly Q: Region
  readonly Z: Region
  readonly A: Region
  /** Not 0 at 0 when the search is to stop; then for each check the state that it was found in and rule + 1. */
  readonly F: Region
  /** How often each coverage point was passed, 64 bits each. */
  readonly C: Region
  /** Recent states. */
  readonly R: Region
  /** For each state of a chunk, whether it has a successor that is no fault. */
  readonly D: Region
  /** For each left side of an implication, not 0 if it was true; then for each rule, if it was taken. */
  readonly V: Region
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
    ['W', DICTIONARY * sizes.dictionaries],
    ['T', 4 * sizes.slots],
    ['P', 4 * sizes.states],
    ['M', sizes.marked ? sizes.states : 0],
    ['S', 4 * sizes.words * sizes.states],
  ] as const
  const total = arrays.reduce((sum, [, bytes]) => sum + inPages(bytes), inPages(first))
  const together = total <= PAGE * MOST_PAGES
  const pages = [inPages(first) / PAGE]
  const place = Object.fromEntries(
    arrays.map(([name, bytes]) => {
      const memory = together || name === 'W' || name === 'S' ? 0 : pages.length
      const offset = PAGE * (pages[memory] ?? 0)
      pages[memory] = (pages[memory] ?? 0) + inPages(bytes) / PAGE
      return [name, { memory, offset }]
    }),
  ) as Record<'S' | 'T' | 'P' | 'M' | 'W', Region>
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
    B: reserve(4 * places * (words + 1)),
    H: reserve(4 * (places + 1)),
    Q: reserve(4 * (places + 1)),
    Z: reserve(4 * (places + 1)),
    A: reserve(4 * (places + 1)),
    F: reserve(4 * (1 + 2 * checks)),
    C: reserve(8 * points),
    R: reserve(4 * words * recent),
    D: reserve(chunk),
    V: reserve(lefts + rules),
  }
  return { regions, bytes: inPages(bytes) }
}

function inPages(bytes: number): number {
  return Math.ceil(bytes / PAGE) * PAGE
}

export const base: Code = getGlobal(BASE)

/** Counts that coverage point `point` was passed. */
export function cover({ C }: Space, point: number): Code {
  return count(C, base, 8 * point)
}

/** Notes that left side `point` was true. */
export function noteLeft({ V }: Space, point: number): Code {
  return storeByte(V, base, constant(1), point)
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
export interface Arena {
  readonly S: Int32Array
  readonly P: Int32Array
  readonly W: Int32Array
}

export function viewArena(memories: Memories, { S, P, W }: Space, sizes: Sizes): Arena {
  return {
    S: view(memories, S, sizes.words * sizes.states),
    P: view(memories, P, sizes.states),
    W: view(memories, W, (DICTIONARY * sizes.dictionaries) / 4),
  }
}

/** The bytes of `S` that states before `end` leave to a thread. */
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
export interface Own {
  readonly B: Int32Array
  readonly F: Int32Array
  readonly C: BigInt64Array
  readonly V: Uint8Array
}

export function viewOwn(memories: Memories, space: Space, sizes: Sizes, thread: number): Own {
  const at = (region: Region): Region => ({
    memory: region.memory,
    offset: thread * space.own + region.offset,
  })
  const { buffer } = must(memories[0], 'memory 0')
  const { offset } = at(space.C)
  return {
    B: view(memories, at(space.B), sizes.places * (sizes.words + 1)),
    F: view(memories, at(space.F), 1 + 2 * sizes.checks),
    C: new BigInt64Array(buffer, offset, sizes.points),
    V: new Uint8Array(buffer, at(space.V).offset, sizes.lefts + sizes.rules),
  }
}

/** How often each coverage point was passed. */
export function countsOf({ C }: Own): Float64Array {
  return Float64Array.from(C, Number)
}

function view(memories: Memories, { memory, offset }: Region, length: number): Int32Array {
  return new Int32Array(must(memories[memory], `memory ${memory}`).buffer, offset, length)
}
