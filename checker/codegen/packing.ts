import type { System, Variable } from '../ir/ir.ts'
import { usesOf } from '../ir/uses.ts'
import { at } from '../text/at.ts'

/** The position of a variable in a packed state: its width, its word, and its shift within the word. */
export interface Field {
  readonly word: number
  readonly shift: number
  readonly bits: number
  /** The constant value of a variable that no rule stores to. Such a variable takes no bits. */
  readonly fixed?: number
}

/** The layout of a system's variables in 32-bit words. `fields` is indexed like the variables. */
export interface Layout {
  readonly words: number
  readonly fields: readonly Field[]
  /** Whether states store codes instead of words. */
  readonly isCoded: boolean
}

/** Bits in a word. */
const WORD_BITS = 32

/**
 * Packs variables into 32-bit words. None spans two words: the widest variable comes first, and each goes into
 * the first word with room. For widths up to 31 this takes at most 11/9 of the fewest words plus one; in
 * practice it takes the fewest. Variables that are not stored to take no bits.
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

/**
 * Returns the layout of a system's states. With `toBeCoded`, large states are coded, because only there codes
 * save enough. The variables in `varied` have several initial values.
 */
export function layOutStates(
  { variables, rules }: System,
  toBeCoded: boolean,
  varied: readonly string[] = [],
): Layout {
  const stored = new Set([...varied, ...rules.flatMap(({ body }) => [...usesOf(body).writes])])
  const layout = layOut(variables, name => stored.has(name))
  return { ...layout, isCoded: toBeCoded && layout.words >= WORTH_CODES }
}

/** From this number of words on, codes save at least two words. */
const WORTH_CODES = 4

/** Returns the number of words that a stored state takes. */
export function storedWords({ words, isCoded }: Layout): number {
  return isCoded ? Math.ceil(words / 2) : words
}

/** Returns the mask of a field's value before the shift. */
export function maskOf(field: Field): number {
  return 2 ** field.bits - 1
}

/** Packs `values`, indexed like the variables, into `words` from index `from` on. */
export function pack(layout: Layout, values: ArrayLike<number>, words: Int32Array, from: number): void {
  words.fill(0, from, from + layout.words)
  layout.fields.forEach((field, index) => {
    if (field.fixed !== undefined) return
    const word = words[from + field.word] as number
    words[from + field.word] = word | (((values[index] as number) & maskOf(field)) << field.shift)
  })
}

/** Unpacks the state in `words` from index `from` on. Returns its values, indexed like the variables. */
export function unpack(layout: Layout, words: Int32Array, from: number): Int32Array {
  return Int32Array.from(
    layout.fields,
    field => field.fixed ?? ((words[from + field.word] as number) >>> field.shift) & maskOf(field),
  )
}
