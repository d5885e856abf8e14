import { at } from '../../text/at.ts'
import { type Field, type Layout, maskOf, storedWords } from '../packing.ts'
import { base, type Space } from './arena.ts'
import type { Code, Local, Region } from './code.ts'
import * as wasm from './code.ts'
import { CODES, DICTIONARY, MOST_CODES, SLOTS } from './dictionary.ts'
import type { Locals, Module } from './module.ts'

const { add, and, constant, get, load, load16, set, shl, store } = wasm

/** How the words of a state are stored. */
export interface StateWords {
  /** Bytes of a state. */
  readonly size: number
  /** Returns the code for the word of the state at `address` in `region`. */
  read(region: Region, address: Code, word: number): Code
  /**
   * Writes a state to `to` in the batch. It has the words of `changed`; all others are those of the state at
   * `from` in the region `states`.
   */
  write(to: Local, from: Local, changed: ReadonlyMap<number, Change>, locals: Locals): Code
  /** Stores the state at the beginning of the batch in place. */
  begin(locals: Locals): Code
}

/** The previous value of a word, and the code for its new value. */
export interface Change {
  readonly before: Local
  readonly value: Code
}

export function wordsOf(module: Module, space: Space, layout: Layout, shared: boolean): StateWords {
  return layout.isCoded ? new CodedWords(module, space, layout, shared) : new PlainWords(space, layout)
}

/** Words as they are. */
class PlainWords implements StateWords {
  readonly #space: Space
  readonly #words: number
  readonly size: number

  constructor(space: Space, layout: Layout) {
    this.#space = space
    this.#words = layout.words
    this.size = 4 * layout.words
  }

  read(region: Region, address: Code, word: number): Code {
    return load(region, address, 4 * word)
  }

  write(to: Local, from: Local, changed: ReadonlyMap<number, Change>): Code {
    const { batch, states } = this.#space
    return Array.from({ length: this.#words }, (_, word) =>
      store(batch, get(to), changed.get(word)?.value ?? this.read(states, get(from), word), 4 * word),
    )
  }

  begin(): Code {
    return []
  }
}

/**
 * Stores codes of 16 bits instead of words. In millions of states a word has only some hundreds of values,
 * because its variables change rarely, and together. Each word has a dictionary, to which all threads add. If a
 * dictionary runs out of codes, the search ends and starts again without codes.
 */
class CodedWords implements StateWords {
  readonly #space: Space
  readonly #words: number
  readonly #encode: number
  readonly size: number

  constructor(module: Module, space: Space, layout: Layout, shared: boolean) {
    this.#space = space
    this.#words = layout.words
    this.size = 4 * storedWords(layout)
    this.#encode = defineEncode(module, space, shared)
  }

  read(region: Region, address: Code, word: number): Code {
    const values: Region = {
      ...this.#space.dictionaries,
      offset: this.#space.dictionaries.offset + DICTIONARY * word + CODES,
    }
    return load(values, shl(load16(region, address, 2 * word), constant(2)))
  }

  write(to: Local, from: Local, changed: ReadonlyMap<number, Change>, locals: Locals): Code {
    const { batch, states } = this.#space
    const value = locals.make()
    const code = (word: number): Code => {
      const old = load16(states, get(from), 2 * word)
      const change = changed.get(word)
      if (change === undefined) return old
      // A rule stores to much of a state and changes little of it in one step.
      const isSame = wasm.eq(wasm.tee(value, change.value), get(change.before))
      return wasm.choose(isSame, old, this.#codeOf(word, get(value)))
    }
    return this.#pairs().map(([low, high]) =>
      changed.has(low) || changed.has(high)
        ? store(batch, get(to), this.#pair(low, high, code), 2 * low)
        : store(batch, get(to), load(states, get(from), 2 * low), 2 * low),
    )
  }

  begin(locals: Locals): Code {
    const { batch } = this.#space
    const words = locals.several(this.#words)
    return [
      words.map((local, word) => set(local, load(batch, base, 4 * word))),
      // The parent, where a word was.
      store(batch, base, constant(0), this.size),
      this.#pairs().map(([low, high]) =>
        store(
          batch,
          base,
          this.#pair(low, high, word => this.#codeOf(word, get(at(words, word)))),
          2 * low,
        ),
      ),
    ]
  }

  #pairs(): (readonly [low: number, high: number])[] {
    return Array.from({ length: this.size / 4 }, (_, pair) => [2 * pair, 2 * pair + 1])
  }

  #pair(low: number, high: number, code: (word: number) => Code): Code {
    return high < this.#words ? wasm.or(code(low), shl(code(high), constant(16))) : code(low)
  }

  #codeOf(word: number, value: Code): Code {
    return wasm.call(this.#encode, constant(DICTIONARY * word), value)
  }
}

/** Defines `encode(at, value)`, which returns the code of a value in the dictionary at byte `at`. */
function defineEncode(module: Module, { hits, dictionaries }: Space, shared: boolean): number {
  const values: Region = { ...dictionaries, offset: dictionaries.offset + CODES }
  return module.define(2, 1, (locals, [at, value]) => {
    const [q, code] = locals.several(2)
    const slot = add(get(at), get(q))
    const place = add(get(at), shl(get(code), constant(2)))
    const next = add(
      shared ? wasm.fetchAdd(values, get(at), constant(1)) : load(values, get(at)),
      constant(1),
    )
    const claim = shared
      ? wasm.when(
          wasm.isZero(wasm.compareExchange(dictionaries, slot, constant(0), get(code))),
          wasm.giveBack(get(code)),
        )
      : [store(values, get(at), get(code)), store(dictionaries, slot, get(code)), wasm.giveBack(get(code))]
    const enter = [
      set(code, next),
      wasm.when(wasm.gt(get(code), constant(MOST_CODES)), [
        store(values, get(at), constant(MOST_CODES + 1)),
        store(hits, base, constant(1)),
        wasm.giveBack(constant(0)),
      ]),
      store(values, place, get(value)),
      claim,
    ]
    return [
      set(
        q,
        shl(
          wasm.shrUnsigned(wasm.mul(get(value), constant(0x9e3779b1)), constant(32 - Math.log2(SLOTS))),
          constant(2),
        ),
      ),
      wasm.loop([
        set(code, load(dictionaries, slot)),
        // Another thread may have taken the slot meanwhile: look at it again.
        wasm.when(wasm.isZero(get(code)), [enter, wasm.exit(1)]),
        wasm.when(wasm.eq(load(values, place), get(value)), wasm.giveBack(get(code))),
        set(q, and(add(get(q), constant(4)), constant(4 * SLOTS - 1))),
        wasm.exit(0),
      ]),
      constant(0),
    ]
  })
}

/** Returns the code for the value of a field, given the code that reads a word. */
export function extract(field: Field, read: (word: number) => Code): Code {
  const { shift, bits, fixed } = field
  if (fixed !== undefined) return wasm.constant(fixed)
  const word = read(field.word)
  const shifted = shift === 0 ? word : wasm.shrUnsigned(word, wasm.constant(shift))
  return shift + bits === 32 ? shifted : wasm.and(shifted, wasm.constant(maskOf(field)))
}
