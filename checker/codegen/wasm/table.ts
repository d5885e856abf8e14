/**
 * The hash table. Its buckets have 16 slots, a cache line each, and their number is a power of two. A slot is 0
 * or an entry. The low bits of an entry are the number of a state; the bits above are the same bits of the
 * state's hash, a fingerprint. The bits of the hash below them select the bucket, so that a table can be
 * doubled without looking at the states. Buckets are filled from the front, and an entry whose bucket is full
 * goes to the next one.
 */
import type { Space } from './arena.ts'
import type { Code, Local, Region } from './code.ts'
import * as wasm from './code.ts'
import type { Locals, Module } from './module.ts'

/** Slots of a bucket, and its bytes. */
export const BUCKET = 16
export const BUCKET_BYTES = 4 * BUCKET

const { add, and, constant, get, load, set, shl, shrUnsigned, xor } = wasm

export class Table {
  readonly #space: Space
  /** The global that holds the number of slots minus one. */
  readonly mask: number

  constructor(module: Module, space: Space) {
    this.#space = space
    this.mask = module.global()
    module.define(1, 0, (_, [size]) => wasm.setGlobal(this.mask, wasm.sub(get(size), constant(1))), 'resize')
  }

  /** Returns what a function needs to use the table; with `doubled`, a table of twice as many slots. */
  open(locals: Locals, doubled = false): OpenTable {
    const mask = wasm.getGlobal(this.mask)
    return new OpenTable(this.#space, locals, doubled ? add(shl(mask, constant(1)), constant(1)) : mask)
  }
}

/** A table in a function. Buckets and slots are given by their byte in the region `tableSlots`. */
export class OpenTable {
  readonly #space: Space
  readonly #mask: Local
  readonly #keep: Local
  readonly #buckets: Local
  /** Code to run first. */
  readonly opening: Code

  constructor(space: Space, locals: Locals, mask: Code) {
    this.#space = space
    this.#mask = locals.make()
    this.#keep = locals.make()
    this.#buckets = locals.make()
    this.opening = [
      set(this.#mask, mask),
      set(this.#keep, xor(get(this.#mask), constant(-1))),
      set(this.#buckets, shl(and(get(this.#mask), constant(-BUCKET)), constant(2))),
    ]
  }

  /** Returns the bucket in which the search for a hash begins. */
  home(hash: Local): Code {
    return and(shl(get(hash), constant(2)), get(this.#buckets))
  }

  next(bucket: Local): Code {
    return this.bucket(add(get(bucket), constant(BUCKET_BYTES)))
  }

  /** Returns the bucket at a byte that may lie before the first or behind the last one. */
  bucket(byte: Code): Code {
    return and(byte, get(this.#buckets))
  }

  /** Not 0 if the bucket has no free slot. */
  isFull(bucket: Local): Code {
    return wasm.load(this.#space.tableSlots, get(bucket), BUCKET_BYTES - 4)
  }

  number(entry: Code): Code {
    return and(entry, get(this.#mask))
  }

  entry(hash: Local, number: Local): Code {
    return wasm.or(and(get(hash), get(this.#keep)), get(number))
  }

  /** Sets two bit masks of the slots of a bucket: those with the fingerprint of a hash, and the free ones. */
  look(bucket: Local, hash: Local, same: Local, free: Local): Code {
    const parts = [0, 16, 32, 48].map(offset => wasm.loadFour(this.#space.tableSlots, get(bucket), offset))
    const keep = wasm.four(get(this.#keep))
    const wanted = wasm.four(and(get(hash), get(this.#keep)))
    const nothing = wasm.four(constant(0))
    return [
      set(free, wasm.whichOf16(parts.map(part => wasm.equalFour(part, nothing)))),
      set(
        same,
        and(
          wasm.whichOf16(parts.map(part => wasm.equalFour(wasm.andFour(part, keep), wanted))),
          xor(get(free), constant(-1)),
        ),
      ),
    ]
  }

  /** Returns the first slot of a set that is not empty. */
  slot(bucket: Local, slots: Local): Code {
    return add(get(bucket), shl(and(wasm.trailingZeros(get(slots)), constant(BUCKET - 1)), constant(2)))
  }
}

/**
 * Returns the code for the hash of a state of `words` words. It mixes in each word as murmur does, in two
 * operations instead of five.
 */
export function hash(locals: Locals, words: number, region: Region, at: Local): Code {
  const h = locals.make()
  const mixed = Array.from({ length: words }, (_, word) => [
    set(h, wasm.mul(xor(get(h), load(region, get(at), 4 * word)), constant(0x9e3779b1))),
    set(h, xor(get(h), shrUnsigned(get(h), constant(15)))),
  ])
  return [
    set(h, constant(0x5bd1e995)),
    mixed,
    set(h, wasm.mul(get(h), constant(0x85ebca6b))),
    xor(get(h), shrUnsigned(get(h), constant(13))),
  ]
}
