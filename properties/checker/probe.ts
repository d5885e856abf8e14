/**
 * Prints the part that finds states in the hash table and adds new ones: open addressing with linear probing over
 * `T`, whose size is `mask + 1`, a power of two. A slot is 0 or a state's number in the low bits and, above, what is
 * left of its hash as a fingerprint, so that most slots of other states are passed without looking at the states.
 *
 * A batch is gone through three times: hash and touch the slots; find the slots and touch the states; compare. The
 * cache misses of one pass then overlap, instead of each waiting for the one before.
 */

/** The statement that declares `h`, the hash of a state given as one expression for each word. */
export function printHash(words: readonly string[]): string {
  const rounds = words.map(word => `h = Math.imul(h ^ ${word}, 0x9e3779b1); h ^= h >>> 15`)
  return `let h = 0x5bd1e995; ${rounds.join('; ')}; h = Math.imul(h, 0x85ebca6b); h ^= h >>> 13`
}

/** How a table is probed: by one thread, or by several that share it. */
export interface Probing {
  readonly words: number
  readonly shared: boolean
}

/** `locate(o)`: the first two passes over the batch `B[0..o)`. Leaves hashes in `H`, slots in `Q`; returns the count. */
export function printLocate({ words, shared }: Probing): string {
  return `function locate(o) {
  const m = mask, keep = ~m
  let n = 0, touched = 0
  for (let a = 0; a < o; a += ${words + 1}) {
    ${printHash(wordsAt('B', 'a', words))}
    H[n++] = h
    touched ^= T[h & m]
  }
  for (let i = 0; i < n; i++) {
    const h = H[i]
    let q = h & m, e = ${load(shared, 'q')}
    while (e !== 0 && ((e ^ h) & keep) !== 0) { q = (q + 1) & m; e = ${load(shared, 'q')} }
    Q[i] = q
    touched ^= S[(e & m) * ${words}]
  }
  H[n] = touched
  return n
}
`
}

/** `insert(o)`: the third pass, which stores the states of the batch that are new, with their parents. */
export function printInsert({ words, shared }: Probing): string {
  const copy = Array.from({ length: words }, (_, word) => `S[b + ${word}] = B[a + ${word}]`).join('; ')
  const claim = shared
    ? `e = Atomics.compareExchange(T, q, 0, (h & keep) | next)
        if (e !== 0) continue
        if (++next === end) { inspect(fresh, next); next = fresh = block(next); end = next + ${BLOCK} }`
    : 'T[q] = (h & keep) | next++'
  return `function insert(o) {
  const n = locate(o), m = mask, keep = ~m
  for (let i = 0, a = 0; i < n; i++, a += ${words + 1}) {
    const h = H[i]
    let q = Q[i], e = ${load(shared, 'q')}
    for (;;) {
      if (e === 0) {
        const b = next * ${words}
        ${copy}
        P[next] = B[a + ${words}]
        ${claim}
        break
      }
      if (((e ^ h) & keep) === 0) {
        const b = (e & m) * ${words}
        if (${equal(words)}) break
      }
      q = (q + 1) & m
      e = ${load(shared, 'q')}
    }
  }
  inspect(fresh, next)
  fresh = next
}
`
}

/** `find(o, i)`: the number of the state at batch place `i`, whose words begin at `B[o]`; it is in the table. */
export function printFind({ words, shared }: Probing): string {
  return `function find(i, a) {
  const m = mask, keep = ~m, h = H[i]
  let q = Q[i]
  for (;;) {
    const e = ${load(shared, 'q')}, b = (e & m) * ${words}
    if (((e ^ h) & keep) === 0 && ${equal(words)}) return e & m
    q = (q + 1) & m
  }
}
`
}

/** `index(from, to)`: enters states that are stored, and known to differ, into the table. */
export function printIndex({ words, shared }: Probing): string {
  const place = shared
    ? 'while (Atomics.compareExchange(T, q, 0, (h & keep) | s) !== 0) q = (q + 1) & m'
    : 'while (T[q] !== 0) q = (q + 1) & m\n    T[q] = (h & keep) | s'
  return `function index(from, to) {
  const m = mask, keep = ~m
  for (let s = from, b = from * ${words}; s < to; s++, b += ${words}) {
    ${printHash(wordsAt('S', 'b', words))}
    let q = h & m
    ${place}
  }
}
`
}

/** How many state numbers a worker takes at a time. */
export const BLOCK = 1024

function load(shared: boolean, slot: string): string {
  return shared ? `Atomics.load(T, ${slot})` : `T[${slot}]`
}

function wordsAt(array: string, base: string, words: number): string[] {
  return Array.from({ length: words }, (_, word) => `${array}[${base} + ${word}]`)
}

function equal(words: number): string {
  return Array.from({ length: words }, (_, word) => `S[b + ${word}] === B[a + ${word}]`).join(' && ')
}
