import type { System, Variable } from '../ir/ir.ts'
import { usesOf } from '../ir/uses.ts'
import { at } from '../text/at.ts'

/** Where a variable lies in a packed state: `bits` wide, `shift` up in word `word`. */
export interface Field {
  readonly word: number
  readonly shift: number
  readonly bits: number
  /** What the variable always is, if nothing stores to it: it lies nowhere then, and has no bits. */
  readonly fixed?: number
}

/** How the variables of a system lie in 32-bit words; `fields` goes by the index of the variable. */
export interface Layout {
  readonly words: number
  readonly fields: readonly Field[]
  /** Whether codes are stored in the place of words. */
  readonly isCoded: boolean
}

/** Bits in a word. */
const WORD_BITS = 32

/**
 * Packs variables into 32-bit words, none across two: the widest first, each into the first word with room. For widths
 * up to 31 this takes at most 11/9 of the fewest words (plus one); in practice it takes the fewest. What is not `stored` to
 * takes none.
 */
export function layOut(variables: readonly Variable[], isStored = (_: string) => true): Layout {
  const used: number[] = []
  const fields: Field[] = variables.map(({ initial }) => ({ word: -1, shift: 0, bits: 0, fixed: initial }))
  const widestFirst = variables
    .map((_, index) => index)
    .filter(index => isStored(at(variables, index).name))
    .sort((a, b) => bitsOf(b) - bitsOf(a) || a - b)
  function bitsOf(index: number): number {
    return at(variables, index).bits
  }
  for (const index of widestFirst) {
    const bits = bitsOf(index)
    let word = used.findIndex(taken => taken + bits <= WORD_BITS)
    if (word < 0) word = used.push(0) - 1
    fields[index] = { word, shift: used[word] as number, bits }
    used[word] = (used[word] as number) + bits
  }
  return { words: Math.max(1, used.length), fields, isCoded: false }
}

/** The layout of a system's states; if they are to be coded, they are where it makes them smaller by a good deal. */
export function layOutStates({ variables, rules }: System, toBeCoded: boolean): Layout {
  const stored = new Set(rules.flatMap(({ body }) => [...usesOf(body).writes]))
  const layout = layOut(variables, name => stored.has(name))
  return { ...layout, isCoded: toBeCoded && layout.words >= WORTH_CODES }
}

/** Words from which on their codes take two words less, at least. */
const WORTH_CODES = 4

/** Words that a state is stored in. */
export function storedWords({ words, isCoded }: Layout): number {
  return isCoded ? Math.ceil(words / 2) : words
}

/** The mask of a field's value before it is shifted. */
export function maskOf(field: Field): number {
  return 2 ** field.bits - 1
}

/** Packs `values` (by the index of the variable) into `words` from index `from` on. */
export function pack(layout: Layout, values: ArrayLike<number>, words: Int32Array, from: number): void {
  words.fill(0, from, from + layout.words)
  layout.fields.forEach((field, index) => {
    if (field.fixed !== undefined) return
    const word = words[from + field.word] as number
    words[from + field.word] = word | (((values[index] as number) & maskOf(field)) << field.shift)
  })
}

/** The values of a state that is packed in `words` from index `from` on, by the index of the variable. */
export function unpack(layout: Layout, words: Int32Array, from: number): Int32Array {
  return Int32Array.from(
    layout.fields,
    field => field.fixed ?? ((words[from + field.word] as number) >>> field.shift) & maskOf(field),
  )
}
