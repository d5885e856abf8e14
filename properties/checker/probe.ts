/**
 * Prints the part that finds states in the hash table and adds new ones: open addressing with linear probing over
 * `T`, whose size is `mask + 1`, a power of two. A slot is 0 or a state's number in the low bits and, above, what is
 * left of its hash as a fingerprint, so that most slots of other states are passed without looking at the states.
 *
 * A batch is gone through several times: leave out what was seen a moment ago; touch the slots; find the slots and touch
 * the states; compare. What costs is waiting for memory, and within one pass the cache misses overlap.
 *
 * Threads that share a table read it by plain loads, because `Atomics.load` is a call (7 ns; a plain load takes 0.5), and
 * claim empty slots by compare-and-exchange. A slot changes once, from 0 to its entry, after the state is written. A stale
 * 0 only makes the exchange fail; and what an entry points to is loaded from an address computed from the entry, which
 * every processor that Node runs on orders after it.
 */

/** How a table is probed. */
export interface Probing {
  readonly words: number
  /** Whether several threads share the table. */
  readonly shared: boolean
  /** Whether states seen a moment ago are left out of the batch; most successors are, since actions commute. */
  readonly forgetful: boolean
}

/** How many state numbers a worker takes at a time. */
export const BLOCK = 1024

/** Two to this is the number of states remembered as recent: they should stay in the second-level cache. */
const RECENT_BITS = 11

/** `hash(w0, ...)`: each word is mixed in as murmur does, in two instead of five operations. */
export function printHash(words: number): string {
  const names = Array.from({ length: words }, (_, word) => `w${word}`)
  return `function hash(${names.join(', ')}) {
  let h = 0x5bd1e995
${names.map(name => `  h = Math.imul(h ^ ${name}, 0x9e3779b1); h ^= h >>> 15\n`).join('')}  h = Math.imul(h, 0x85ebca6b)
  return h ^ (h >>> 13)
}
`
}

/**
 * `locate(o)`: goes through the batch `B[0..o)` and returns how many states it leaves to be compared; `A` holds where
 * they begin in the batch, `H` their hashes, `Q` the slots that hold them, or may, or are empty.
 */
export function printLocate({ words, forgetful }: Probing): string {
  return `${forgetful ? printRecent(words) : ''}function locate(o) {
  const m = mask, keep = ~m
  let n = 0, touched = 0
  for (let a = 0; a < o; a += ${words + 1}) {
    const h = hash(${at('B', 'a', words).join(', ')})
    A[n] = a
    H[n] = h
    ${forgetful ? 'n += isNew(h, a)' : 'n++'}
  }
  for (let i = 0; i < n; i++) touched ^= T[H[i] & m]
  for (let i = 0; i < n; i++) {
    const h = H[i]
    let q = h & m, e = T[q]
    while (e !== 0 && ((e ^ h) & keep) !== 0) { q = (q + 1) & m; e = T[q] }
    Q[i] = q
    touched ^= S[(e & m) * ${words}]
  }
  H[n] = touched // so that the loads are not optimized away
  return n
}
`
}

/**
 * `isNew(h, a)`: 0 if the state at `B[a]` is the one last remembered in its place, else 1, and it is remembered. No
 * place starts out with what could be a state of that place. There is no branch in it because half of the answers are
 * no: with one, the time saved is lost again to misprediction.
 */
function printRecent(words: number): string {
  const places = at('R', 'r', words)
  const parts = at('B', 'a', words)
  const others = Array.from({ length: words - 1 }, () => ', -1').join('')
  return `const R = new Int32Array(${words << RECENT_BITS}).fill(-1)
for (let v = -1, place = hash(v${others}) >>> ${32 - RECENT_BITS}; R[place * ${words}] === -1; v++) {
  if (hash(v${others}) >>> ${32 - RECENT_BITS} !== place) R[place * ${words}] = v
}
function isNew(h, a) {
  const r = (h >>> ${32 - RECENT_BITS}) * ${words}
  const d = ${places.map((place, i) => `(${place} ^ ${parts[i]})`).join(' | ')}
  ${places.map((place, i) => `${place} = ${parts[i]}`).join('; ')}
  return (d | (0 - d)) >>> 31
}
`
}

/** `insert(o)`: stores those states of the batch `B[0..o)` that are new, with their parents. */
export function printInsert({ words, shared }: Probing): string {
  const copy = at('S', 'b', words).map((place, word) => `${place} = B[a + ${word}]`)
  const claim = shared
    ? `e = Atomics.compareExchange(T, q, 0, (h & keep) | next)
        if (e !== 0) continue
        if (++next === end) { inspect(fresh, next); next = fresh = block(next); end = next + ${BLOCK} }`
    : 'T[q] = (h & keep) | next++'
  return `function insert(o) {
  const n = locate(o), m = mask, keep = ~m
  for (let i = 0; i < n; i++) {
    const a = A[i], h = H[i]
    let q = Q[i], e = T[q]
    for (;;) {
      if (e === 0) {
        const b = next * ${words}
        ${copy.join('; ')}
        P[next] = B[a + ${words}]
        ${claim}
        break
      }
      if (((e ^ h) & keep) === 0) {
        const b = (e & m) * ${words}
        if ((${difference(words)}) === 0) break
      }
      q = (q + 1) & m
      e = T[q]
    }
  }
  inspect(fresh, next)
  fresh = next
}
`
}

/** `find(i)`: the number of the state that `locate` left at `i`, which is in the table. */
export function printFind({ words }: Probing): string {
  return `function find(i) {
  const m = mask, keep = ~m, h = H[i], a = A[i]
  for (let q = Q[i]; ; q = (q + 1) & m) {
    const e = T[q], b = (e & m) * ${words}
    if (((e ^ h) & keep) === 0 && (${difference(words)}) === 0) return e & m
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
    const h = hash(${at('S', 'b', words).join(', ')})
    let q = h & m
    ${place}
  }
}
`
}

function at(array: string, base: string, words: number): string[] {
  return Array.from({ length: words }, (_, word) => `${array}[${base} + ${word}]`)
}

/** 0 if the state at `S[b]` is that at `B[a]`. */
function difference(words: number): string {
  return Array.from({ length: words }, (_, word) => `(S[b + ${word}] ^ B[a + ${word}])`).join(' | ')
}
