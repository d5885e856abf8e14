/**
 * Doubles the table. The entries of each bucket are divided between the bucket itself and the new one at the
 * same distance behind the end of the old table. The lowest bit of an entry's fingerprint selects one of the
 * two, provided that the entry is in the bucket where its search begins. That is certain if the bucket before
 * it is not full. Otherwise the hashes are computed again.
 *
 * The table therefore falls into runs. A run begins with a bucket that follows one that is not full, and ends
 * with the first bucket that is not full. Entries never leave their run, so threads can divide the runs among
 * themselves. A bucket can be emptied before its entries are put back, because the entries met so far always
 * fit into the buckets met so far.
 */
import { base, type Space } from './arena.ts'
import type { Code } from './code.ts'
import * as wasm from './code.ts'
import type { Module } from './module.ts'
import { BUCKET, BUCKET_BYTES, hash, type Table } from './table.ts'

const { add, and, constant, get, increase, load, ne, set, shl, store, xor } = wasm

/**
 * Exports `run(from)`, which returns the first slot from `from` on where a run begins, and `double(from, to)`.
 */
export function defineGrowth(module: Module, space: Space, table: Table, words: number): void {
  module.define(
    1,
    1,
    (locals, [from]) => {
      const old = table.open(locals)
      const before = locals.make()
      return [
        old.opening,
        set(before, old.bucket(shl(wasm.sub(get(from), constant(BUCKET)), constant(2)))),
        wasm.whileTrue(old.isFull(before), [set(before, old.next(before)), increase(from, BUCKET)]),
        get(from),
      ]
    },
    'run',
  )
  const divide = defineDivide(module, space, table)
  const putBack = definePutBack(module, space, table, words)
  module.define(
    2,
    0,
    (locals, [slot, to]) => {
      const [q, isLater, isFull] = locals.several(3)
      const old = table.open(locals)
      return [
        old.opening,
        wasm.whileTrue(wasm.or(wasm.ltUnsigned(get(slot), get(to)), get(isLater)), [
          set(q, old.bucket(shl(get(slot), constant(2)))),
          set(isFull, ne(old.isFull(q), constant(0))),
          wasm.when(get(isLater), wasm.call(putBack, get(q)), wasm.call(divide, get(q))),
          set(isLater, get(isFull)),
          increase(slot, BUCKET),
        ]),
      ]
    },
    'double',
  )
}

/**
 * Defines `divide(q)`, which divides the bucket at `q`. The searches for all its entries must begin there.
 */
function defineDivide(module: Module, { tableSlots }: Space, table: Table): number {
  return module.define(1, 0, (locals, [low]) => {
    const [p, end, high, e, bit, isHigh] = locals.several(6)
    const target = wasm.select(get(isHigh), get(high), get(low))
    return [
      set(bit, add(wasm.getGlobal(table.mask), constant(1))),
      set(p, get(low)),
      set(end, add(get(low), constant(BUCKET_BYTES))),
      set(high, add(get(low), shl(get(bit), constant(2)))),
      wasm.whileTrue(wasm.ltUnsigned(get(p), get(end)), [
        set(e, load(tableSlots, get(p))),
        wasm.when(wasm.isZero(get(e)), wasm.giveBack()),
        set(isHigh, ne(and(get(e), get(bit)), constant(0))),
        store(tableSlots, get(p), constant(0)),
        store(tableSlots, target, and(get(e), xor(get(bit), constant(-1)))),
        set(high, add(get(high), shl(get(isHigh), constant(2)))),
        set(low, add(get(low), shl(wasm.isZero(get(isHigh)), constant(2)))),
        increase(p, 4),
      ]),
    ]
  })
}

/**
 * Defines `putBack(q)`, which empties the bucket at `q` and enters its entries into the table of twice the
 * size.
 */
function definePutBack(module: Module, space: Space, table: Table, words: number): number {
  const { addresses, hashes, states, tableSlots } = space
  return module.define(1, 0, (locals, [q]) => {
    const [p, end, s, b, h, to] = locals.several(6)
    const [old, doubled] = [table.open(locals), table.open(locals, true)]
    const each = (body: Code) => [
      set(p, base),
      wasm.whileTrue(wasm.ltUnsigned(get(p), get(end)), [body, increase(p, 4)]),
    ]
    // Without a branch, so that the cache misses overlap.
    const takeOut = [
      set(s, old.number(load(tableSlots, get(q)))),
      store(tableSlots, get(q), constant(0)),
      increase(q, 4),
      set(b, wasm.mul(get(s), constant(4 * words))),
      set(h, hash(locals, words, states, b)),
      store(addresses, get(p), get(s)),
      store(hashes, get(p), get(h)),
    ]
    const enter = [
      set(s, load(addresses, get(p))),
      wasm.when(wasm.isZero(get(s)), wasm.giveBack()),
      set(h, load(hashes, get(p))),
      set(to, doubled.home(h)),
      wasm.whileTrue(doubled.isFull(to), set(to, doubled.next(to))),
      wasm.whileTrue(load(tableSlots, get(to)), increase(to, 4)),
      store(tableSlots, get(to), doubled.entry(h, s)),
    ]
    return [
      old.opening,
      doubled.opening,
      set(end, add(base, constant(BUCKET_BYTES))),
      each(takeOut),
      each(enter),
    ]
  })
}
