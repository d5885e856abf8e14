/**
 * Divides states into cells such that no cycle leaves its cell. Every word of a state makes a graph of its own:
 * its values, and the changes that steps make. Where a step changes a word from one strongly connected component
 * of that graph to another, no run leads back. So the components of all words together name the cell of a state.
 */
import { Components } from './components.ts'

/** The changes that steps make to one word: pairs of codes, each once. */
export class Changes {
  /** Pairs in a hash table of which each slot is a pair, or 0. Codes begin at 1. */
  #table = new Int32Array(1024)
  #count = 0

  add(from: number, to: number): void {
    const pair = (from << 16) | to
    const at = this.#find(pair)
    if (this.#table[at] !== 0) return
    this.#table[at] = pair
    if (2 * ++this.#count > this.#table.length) this.#grow()
  }

  pairs(): Int32Array {
    return this.#table.filter(pair => pair !== 0)
  }

  #find(pair: number): number {
    const table = this.#table
    let at = (Math.imul(pair, 0x9e3779b1) >>> 7) & (table.length - 1)
    while (table[at] !== 0 && table[at] !== pair) at = (at + 1) & (table.length - 1)
    return at
  }

  #grow(): void {
    const before = this.#table
    this.#table = new Int32Array(2 * before.length)
    for (const pair of before) if (pair !== 0) this.#table[this.#find(pair)] = pair
  }
}

/**
 * Returns, for each code of a word, the number of its component. Changes lead from higher numbers to lower ones,
 * or stay within a component.
 */
export function ranksOf(codes: number, changes: readonly Int32Array[]): Int32Array {
  const start = new Int32Array(codes + 1)
  const pairs = changes.flatMap(list => [...list])
  for (const pair of pairs) start[pair >>> 16] = (start[pair >>> 16] as number) + 1
  let sum = 0
  for (let code = 0; code <= codes; code++) {
    sum += start[code] as number
    start[code] = sum
  }
  const target = new Int32Array(pairs.length)
  for (const pair of pairs) {
    const at = (start[pair >>> 16] as number) - 1
    start[pair >>> 16] = at
    target[at] = pair & 0xffff
  }
  const components = new Components({ size: codes, start, target })
  const all = Int32Array.from({ length: codes }, (_, code) => code)
  components.find(all, undefined, () => {})
  return components.of
}

/** Marks the codes whose component has grown: it has codes that had another rank before. */
export function grownCodes(before: Int32Array, now: Int32Array): Uint8Array {
  const first = new Map<number, number>()
  const grown = new Set<number>()
  now.forEach((rank, code) => {
    const old = before[code] as number
    if ((first.get(rank) ?? old) !== old) grown.add(rank)
    else first.set(rank, old)
  })
  return Uint8Array.from(now, rank => Number(grown.has(rank)))
}

/**
 * Returns, for each rank of word number `word`, a number to name cells by: the bitwise exclusive or of these
 * numbers over all words. Cells that share a name by accident are one cell.
 */
export function namesOf(word: number, ranks: Int32Array): Int32Array {
  return ranks.map(rank => mix(mix(rank) + word))
}

/** Mixes the bits of a number (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
