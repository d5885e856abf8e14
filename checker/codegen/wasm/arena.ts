import { CheckerError } from '../../ir/errors.ts'
import { must } from '../../text/at.ts'
import { type Code, constant, count, getGlobal, type Region, storeByte } from './code.ts'
import { DICTIONARY } from './dictionary.ts'

/** The numbers of things to store, and of what a thread needs besides. */
export interface Sizes {
  /** Words of a stored state. */
  readonly words: number
  /** Dictionaries, one for each word. 0 if states are not coded. */
  readonly dictionaries: number
  readonly states: number
  readonly slots: number
  /** Whether states have recovery marks. */
  readonly marked: boolean
  /** Successors that fit into a batch. */
  readonly places: number
  /** States in which one rule is taken before the next rule. */
  readonly chunk: number
  readonly checks: number
  readonly points: number
  /** Left sides of implications, and rules. */
  readonly lefts: number
  readonly rules: number
  /** States remembered as recent. A power of two. */
  readonly recent: number
  readonly threads: number
}

/**
 * The memory regions of an exploration. Those of a thread begin at its own base, the imported global `base`.
 */
export interface Space {
  /**
   * Stored states. State `s` begins at `s * words`. State 0 does not exist, because 0 is an empty slot of the
   * table.
   */
  readonly states: Region
  /** The state from which each state was first reached; 0 for the initial state. */
  readonly parents: Region
  /** The slots of the hash table. */
  readonly tableSlots: Region
  /** The dictionaries of words. */
  readonly dictionaries: Region
  /** The recoveries whose goal each state can reach, as a bit mask. */
  readonly marks: Region
  /** The batch of successors. Each is the words of a state, its parent and perhaps the number of its rule. */
  readonly batch: Region
  /**
   * For each state of the batch that is looked up: its hash; the slots of its bucket that match its fingerprint
   * or are free; the address of the first state that matches; and its own address in the batch.
   */
  readonly hashes: Region
  readonly matches: Region
  readonly firstMatches: Region
  readonly addresses: Region
  /**
   * The first word is not 0 if the search must stop. Then, for each check, the number of the state where it was
   * met, and rule + 1.
   */
  readonly hits: Region
  /** How often each coverage point was passed, 64 bits each. */
  readonly coverage: Region
  /** States seen recently. */
  readonly recent: Region
  /** For each state of a chunk, whether a rule that is no fault leads on. */
  readonly alive: Region
  /**
   * A byte for each left side of an implication, not 0 if it was true; then a byte for each rule, not 0 if it
   * was taken.
   */
  readonly noted: Region
  /** The numbers of states whose successors are wanted. */
  readonly listed: Region
  /** Steps found, for each: the state, its successor, the rule, and the value of the rule's `each`. */
  readonly edges: Region
  /** The distance between the bases of two threads, in bytes. */
  readonly own: number
  /** The pages of each memory. */
  readonly pages: readonly number[]
}

/** States whose successors are asked for at a time. */
export const LISTED = 1024
/** The numbers that describe a step in the region `edges`. */
export const EDGE = 4

/** State numbers that a worker reserves at a time. */
export const BLOCK = 1024

const PAGE = 65_536
const MOST_PAGES = 65_536

/** The index of the imported global that holds the thread's base. */
export const BASE = 0

/**
 * Lays out all regions in one memory if they fit. Otherwise each region of the graph gets a memory of its own.
 */
export function layOutSpace(sizes: Sizes): Space {
  const own = layOutOwn(sizes)
  const first = own.bytes * sizes.threads
  const arrays = [
    ['dictionaries', DICTIONARY * sizes.dictionaries],
    ['tableSlots', 4 * sizes.slots],
    ['parents', 4 * sizes.states],
    ['marks', sizes.marked ? 2 * sizes.states : 0],
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

/** Lays out the regions of one thread. The batch comes first, so that an address in it needs no offset. */
function layOutOwn({ words, places, chunk, checks, points, lefts, rules, recent }: Sizes) {
  let bytes = 0
  const reserve = (size: number): Region => {
    const region = { memory: 0, offset: bytes }
    bytes = Math.ceil((bytes + size) / 64) * 64
    return region
  }
  const regions = {
    batch: reserve(4 * places * (words + 2)),
    hashes: reserve(4 * (places + 1)),
    matches: reserve(4 * (places + 1)),
    firstMatches: reserve(4 * (places + 1)),
    addresses: reserve(4 * (places + 1)),
    hits: reserve(4 * (1 + 2 * checks)),
    coverage: reserve(8 * points),
    recent: reserve(4 * words * recent),
    alive: reserve(chunk),
    noted: reserve(lefts + rules),
    listed: reserve(4 * LISTED),
    edges: reserve(4 * EDGE * places),
  }
  return { regions, bytes: inPages(bytes) }
}

function inPages(bytes: number): number {
  return Math.ceil(bytes / PAGE) * PAGE
}

export const base: Code = getGlobal(BASE)

/** Counts a pass of coverage point `point`. */
export function cover({ coverage }: Space, point: number): Code {
  return count(coverage, base, 8 * point)
}

/** Notes that left side `point` was true. */
export function noteLeft({ noted }: Space, point: number): Code {
  return storeByte(noted, base, constant(1), point)
}

/** The memories of an exploration. Worker threads may share them. */
export type Memories = readonly WebAssembly.Memory[]

/**
 * Reserves memory. The system hands out pages only when they are touched, so a large limit costs a small search
 * nothing, and regions that never move are constants in generated code. The memory is shared because V8 would
 * collect garbage more often on account of a large memory of its own. Throws CHK004 if the machine does not
 * have that much.
 */
export function reserve({ pages }: Space): Memories {
  try {
    return pages.map(count => new WebAssembly.Memory({ initial: count, maximum: count, shared: true }))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new CheckerError('CHK004', 'the machine does not have that much memory; lower the memory limit')
  }
}

/** The regions that the search reads from outside of the generated programs. */
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

/** Returns the part of the region `states` that the states before `end` leave to a thread, in bytes. */
export function spare(
  { words, states, threads }: Sizes,
  end: number,
  thread: number,
): [from: number, to: number] {
  const [first, last] = [4 * words * end, 4 * words * states]
  const part = (index: number) => 8 * Math.floor((first + ((last - first) * index) / threads) / 8) + 8
  return [part(thread), Math.max(part(thread), part(thread + 1) - 8)]
}

/** The regions of a thread that the search reads from outside of the generated programs. */
export interface ThreadArrays {
  readonly batch: Int32Array
  readonly hits: Int32Array
  readonly coverage: BigInt64Array
  readonly noted: Uint8Array
  readonly listed: Int32Array
  readonly edges: Int32Array
}

export function viewThread(memories: Memories, space: Space, sizes: Sizes, thread: number): ThreadArrays {
  const at = (region: Region): Region => ({
    memory: region.memory,
    offset: thread * space.own + region.offset,
  })
  const { buffer } = must(memories[0], 'memory 0')
  const { offset } = at(space.coverage)
  return {
    batch: view(memories, at(space.batch), sizes.places * (sizes.words + 2)),
    hits: view(memories, at(space.hits), 1 + 2 * sizes.checks),
    coverage: new BigInt64Array(buffer, offset, sizes.points),
    noted: new Uint8Array(buffer, at(space.noted).offset, sizes.lefts + sizes.rules),
    listed: view(memories, at(space.listed), LISTED),
    edges: view(memories, at(space.edges), EDGE * sizes.places),
  }
}

/** Returns how often each coverage point was passed. */
export function countsOf({ coverage }: ThreadArrays): Float64Array {
  return Float64Array.from(coverage, Number)
}

function view(memories: Memories, { memory, offset }: Region, length: number): Int32Array {
  return new Int32Array(must(memories[memory], `memory ${memory}`).buffer, offset, length)
}
