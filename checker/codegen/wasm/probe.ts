/**
 * Finds states in the hash table and adds new ones.
 *
 * The search goes through a batch several times: it leaves out recently seen states, touches the buckets, finds
 * the candidates in the buckets and touches them, and compares. The cost is in waiting for memory, and within
 * one pass the cache misses overlap.
 *
 * Threads that share a table read it by plain loads and claim the first free slot of a bucket by
 * compare-and-exchange. A slot changes once, from 0 to its entry, after the state is written. A stale 0 only
 * makes the exchange fail. A thread loads the state of an entry from an address that it computes from the
 * entry, and every processor that Node runs on orders that load after the load of the entry.
 */
import { BLOCK, base, type Space } from './arena.ts'
import type { Code, Local } from './code.ts'
import * as wasm from './code.ts'
import type { Locals, Module } from './module.ts'
import { hash, type OpenTable, Table } from './table.ts'

/**
 * States remembered as recent, which should stay in the second-level cache, and the bits that number them.
 */
const RECENT_BITS = 11
export const RECENT = 2 ** RECENT_BITS

const { add, and, constant, eq, get, increase, load, ne, or, set, shl, shrUnsigned, store, xor } = wasm

const isLess = (one: Local, other: Local): Code => wasm.ltUnsigned(get(one), get(other))

/** How to probe a table. */
export interface Probing {
  readonly words: number
  /** Whether several threads share the table. */
  readonly shared: boolean
  /** Whether the batch leaves out recently seen states. Most successors are such, because actions commute. */
  readonly forgetful: boolean
  /** Whether a successor in the batch has the number of its rule after its parent. */
  readonly numbered?: boolean
}

/** How to number new states: globals and functions. */
export interface Numbering {
  /** The next number, the first number that is not yet inspected, and the end of the block. */
  readonly next: number
  readonly fresh: number
  readonly end: number
  readonly inspect: number
  /**
   * The function that ends the block of numbers before the given one, and returns the first number of a new
   * block.
   */
  readonly block: number
}

export class Prober {
  readonly #module: Module
  readonly #space: Space
  readonly #probing: Probing
  /** Bytes of a state, and of a successor in the batch. */
  readonly size: number
  readonly #stride: number
  readonly table: Table
  readonly #locate: number

  constructor(module: Module, space: Space, probing: Probing) {
    this.#module = module
    this.#space = space
    this.#probing = probing
    this.size = 4 * probing.words
    this.#stride = this.size + (probing.numbered ? 8 : 4)
    this.table = new Table(module, space)
    this.#locate = this.#defineLocate()
  }

  /**
   * Defines a function of the end of the batch, which lists the states that must be compared and returns the
   * end of the list. The list is in four regions, from the thread's base on: `addresses` has the states'
   * addresses in the batch, `hashes` their hashes, `matches` the slots of their buckets that have their
   * fingerprint and, in the upper half, the free ones, and `firstMatches` the first candidate.
   */
  #defineLocate(): number {
    const { forgetful } = this.#probing
    const { addresses, hashes, matches, firstMatches, batch, states, tableSlots } = this.#space
    return this.#module.define(1, 1, (locals, [o]) => {
      const [p, end, a, h, q, same, free, touched] = locals.several(8)
      const table = this.table.open(locals)
      const collect = wasm.whileTrue(isLess(a, o), [
        set(h, hash(locals, this.#probing.words, batch, a)),
        store(addresses, get(p), get(a)),
        store(hashes, get(p), get(h)),
        forgetful ? set(p, add(get(p), shl(this.#isNew(locals, h, a), constant(2)))) : increase(p, 4),
        increase(a, this.#stride),
      ])
      const touch = [
        set(h, load(hashes, get(p))),
        set(touched, xor(get(touched), load(tableSlots, table.home(h)))),
      ]
      const probe = [
        set(h, load(hashes, get(p))),
        set(q, table.home(h)),
        table.look(q, h, same, free),
        store(matches, get(p), or(get(same), shl(get(free), constant(16)))),
        store(firstMatches, get(p), wasm.select(get(same), this.#found(table, q, same), constant(0))),
      ]
      const each = (body: Code) => [set(p, base), wasm.whileTrue(isLess(p, end), [body, increase(p, 4)])]
      return [
        table.opening,
        set(p, base),
        set(a, base),
        collect,
        set(end, get(p)),
        each(touch),
        each(probe),
        each(set(touched, xor(get(touched), load(states, load(firstMatches, get(p)))))),
        // Store what was touched, so that the compiler does not remove the loads.
        store(hashes, get(end), get(touched)),
        get(end),
      ]
    })
  }

  /**
   * Defines a function of the end of the batch, which stores the new states of the batch with their parents.
   */
  insert({ next, fresh, end: last, inspect, block }: Numbering): number {
    const { addresses, hashes, tableSlots } = this.#space
    const { shared } = this.#probing
    return this.#module.define(1, 0, (locals, [o]) => {
      const [p, end, a, h, q, same, free, b, n] = locals.several(9)
      const table = this.table.open(locals)
      const slot = table.slot(q, free)
      const entry = table.entry(h, n)
      const write = this.#copy(n, b, a)
      const another = [
        wasm.call(inspect, wasm.getGlobal(fresh), get(n)),
        set(n, wasm.call(block, get(n))),
        wasm.setGlobal(fresh, get(n)),
        wasm.setGlobal(last, add(get(n), constant(BLOCK))),
      ]
      // Exits count from inside of `when` below: 1 looks at the bucket again, 3 is done.
      const claim = shared
        ? [
            write,
            wasm.exitIf(1, wasm.compareExchange(tableSlots, slot, constant(0), entry)),
            increase(n, 1),
            wasm.when(eq(get(n), wasm.getGlobal(last)), another),
            wasm.exit(3),
          ]
        : [
            wasm.exitIf(1, load(tableSlots, slot)),
            write,
            store(tableSlots, slot, entry),
            increase(n, 1),
            wasm.exit(3),
          ]
      return [
        set(end, wasm.call(this.#locate, get(o))),
        table.opening,
        set(n, wasm.getGlobal(next)),
        set(p, base),
        wasm.whileTrue(isLess(p, end), [
          set(a, load(addresses, get(p))),
          set(h, load(hashes, get(p))),
          set(q, table.home(h)),
          this.#recall(p, same, free),
          wasm.block(
            wasm.loop([
              this.#candidates(table, q, b, same, wasm.exitIf(3, wasm.isZero(this.#difference(b, a)))),
              wasm.block([wasm.when(get(free), claim), set(q, table.next(q))]),
              table.look(q, h, same, free),
              wasm.exit(0),
            ]),
          ),
          increase(p, 4),
        ]),
        wasm.setGlobal(next, get(n)),
        wasm.call(inspect, wasm.getGlobal(fresh), get(n)),
        wasm.setGlobal(fresh, get(n)),
      ]
    })
  }

  /** Stores the successor at `a`, with its parent, under the number `n`; `b` becomes its address. */
  #copy(n: Local, b: Local, a: Local): Code {
    const { batch, parents, states } = this.#space
    return [
      set(b, this.#address(get(n))),
      Array.from({ length: this.#probing.words }, (_, word) =>
        store(states, get(b), load(batch, get(a), 4 * word), 4 * word),
      ),
      store(parents, shl(get(n), constant(2)), load(batch, get(a), this.size)),
    ]
  }

  /** Calls `locate` for a batch that ends at `o`. The value is the end of the list. */
  locate(o: Code): Code {
    return wasm.call(this.#locate, o)
  }

  /**
   * Defines a function of an entry in the list of located states. It returns the number of that state, which
   * must be in the table.
   */
  find(): number {
    const { addresses, hashes, tableSlots } = this.#space
    return this.#module.define(1, 1, (locals, [p]) => {
      const [a, h, q, same, free, b] = locals.several(6)
      const table = this.table.open(locals)
      return [
        table.opening,
        set(a, load(addresses, get(p))),
        set(h, load(hashes, get(p))),
        set(q, table.home(h)),
        this.#recall(p, same, free),
        wasm.loop([
          this.#candidates(table, q, b, same, [
            wasm.when(
              wasm.isZero(this.#difference(b, a)),
              wasm.giveBack(table.number(load(tableSlots, table.slot(q, same)))),
            ),
          ]),
          set(q, table.next(q)),
          table.look(q, h, same, free),
          wasm.exit(0),
        ]),
        constant(0),
      ]
    })
  }

  /** Reads what `locate` stored in `matches`. */
  #recall(p: Local, same: Local, free: Local): Code {
    return [
      set(free, load(this.#space.matches, get(p))),
      set(same, and(get(free), constant(0xffff))),
      set(free, shrUnsigned(get(free), constant(16))),
    ]
  }

  /**
   * Runs `body` for each state of a set of slots, with the state's words at `b` in the region `states`. The
   * body stands in two pieces of code.
   */
  #candidates(table: OpenTable, q: Local, b: Local, same: Local, body: Code): Code {
    return wasm.whileTrue(get(same), [
      set(b, this.#found(table, q, same)),
      body,
      set(same, and(get(same), wasm.sub(get(same), constant(1)))),
    ])
  }

  /** Returns the address of the state whose entry is in the first slot of a set. */
  #found(table: OpenTable, q: Local, same: Local): Code {
    return this.#address(table.number(load(this.#space.tableSlots, table.slot(q, same))))
  }

  #address(state: Code): Code {
    return wasm.mul(state, constant(this.size))
  }

  /**
   * Returns 0 if the state at `batch[a]` is the last one remembered in its place. Otherwise remembers it and
   * returns 1. All places hold zeros at first, so the state that is all zeros always counts as new. The code
   * has no branch, because half of the answers are no: mispredictions would cost what the check saves.
   */
  #isNew(locals: Locals, h: Local, a: Local): Code {
    const { recent, batch } = this.#space
    const r = locals.make()
    const words = locals.several(this.#probing.words)
    const place = wasm.mul(shrUnsigned(get(h), constant(32 - RECENT_BITS)), constant(this.size))
    const anyOf = (codes: readonly Code[]) => codes.reduce((all, each) => or(all, each))
    return [
      set(r, add(base, place)),
      words.map((local, word) => set(local, load(batch, get(a), 4 * word))),
      or(
        ne(anyOf(words.map((local, word) => xor(load(recent, get(r), 4 * word), get(local)))), constant(0)),
        wasm.isZero(anyOf(words.map(local => get(local)))),
      ),
      words.map((local, word) => store(recent, get(r), get(local), 4 * word)),
    ]
  }

  /** Returns 0 if the states at `states[b]` and `batch[a]` are equal. */
  #difference(b: Local, a: Local): Code {
    const { states, batch } = this.#space
    return Array.from({ length: this.#probing.words }, (_, word) =>
      xor(load(states, get(b), 4 * word), load(batch, get(a), 4 * word)),
    ).reduce((all, each) => or(all, each))
  }
}
