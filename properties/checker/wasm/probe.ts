/**
 * The part that finds states in the hash table and adds new ones: open addressing with linear probing over
 * `T`, whose size is `mask + 1`, a power of two. A slot is 0 or a state's number in the low bits and, above, what is
 * left of its hash as a fingerprint, so that most slots of other states are passed without looking at the states.
 *
 * A batch is gone through several times: leave out what was seen a moment ago; touch the slots; find the slots and touch
 * the states; compare. What costs is waiting for memory, and within one pass the cache misses overlap.
 *
 * Threads that share a table read it by plain loads and claim empty slots by compare-and-exchange. A slot changes once,
 * from 0 to its entry, after the state is written. A stale 0 only makes the exchange fail; and what an entry points to
 * is loaded from an address computed from the entry, which every processor that Node runs on orders after it.
 */
import { BLOCK } from '../memory.ts'
import { base, type Space } from './arena.ts'
import type { Code, Local } from './code.ts'
import * as wasm from './code.ts'
import { hash } from './hash.ts'
import type { Locals, Module } from './module.ts'
import type { Numbering, Probing } from './probing.ts'

/** States remembered as recent, which should stay in the second-level cache, and how many bits number them. */
const RECENT_BITS = 11
export const RECENT = 2 ** RECENT_BITS

/** Stored states that are entered into a new table at a time. */
const CHUNK = 256

const { add, and, constant, eq, get, increase, load, ne, or, set, shl, shrUnsigned, store, xor } = wasm

/** Shorthands for what the functions below do over and over. */
const isLess = (one: Local, other: Local): Code => wasm.ltUnsigned(get(one), get(other))

export class Prober {
  readonly #module: Module
  readonly #space: Space
  readonly #probing: Probing
  /** Bytes of a state, and of a successor in the batch. */
  readonly size: number
  readonly #stride: number
  /** The global that holds the size of the table less one. */
  readonly mask: number
  readonly #locate: number

  constructor(module: Module, space: Space, probing: Probing) {
    this.#module = module
    this.#space = space
    this.#probing = probing
    this.size = 4 * probing.words
    this.#stride = this.size + 4
    this.mask = module.global()
    this.#locate = this.#defineLocate()
  }

  /** A function of the new number of slots. */
  resize(): number {
    return this.#module.define(
      1,
      0,
      (_, [size]) => wasm.setGlobal(this.mask, wasm.sub(get(size!), constant(1))),
      'resize',
    )
  }

  /**
   * A function of the end of the batch. It returns the end of the list of states it leaves to be compared, from the
   * thread's base on: `A` holds where they begin in the batch, `H` their hashes, `Q` where in the table are the slots
   * that hold them, or may, or are empty.
   */
  #defineLocate(): number {
    const { forgetful } = this.#probing
    const { A, H, Q, Z, B, S, T } = this.#space
    return this.#module.define(1, 1, (locals, [o]) => {
      const [p, end, a, h, q, e, touched] = locals.several(7)
      const table = this.#table(locals)
      const collect = wasm.whileTrue(isLess(a!, o!), [
        set(h!, hash(locals, this.#probing.words, B, a!)),
        store(A, get(p!), get(a!)),
        store(H, get(p!), get(h!)),
        forgetful ? set(p!, add(get(p!), shl(this.#isNew(locals, h!, a!), constant(2)))) : increase(p!, 4),
        increase(a!, this.#stride),
      ])
      const touch = set(touched!, xor(get(touched!), load(T, table.home(load(H, get(p!))))))
      const probe = [
        set(h!, load(H, get(p!))),
        set(q!, table.home(get(h!))),
        set(e!, load(T, get(q!))),
        wasm.whileTrue(and(ne(get(e!), constant(0)), ne(table.differs(e!, h!), constant(0))), [
          set(q!, table.next(q!)),
          set(e!, load(T, get(q!))),
        ]),
        store(Q, get(p!), get(q!)),
        store(Z, get(p!), this.#address(table.number(e!))),
      ]
      const each = (body: Code) => [set(p!, base), wasm.whileTrue(isLess(p!, end!), [body, increase(p!, 4)])]
      return [
        table.open,
        set(p!, base),
        set(a!, base),
        collect,
        set(end!, get(p!)),
        each(touch),
        each(probe),
        each(set(touched!, xor(get(touched!), load(S, load(Z, get(p!)))))),
        // What was touched is stored, so that the loads are not optimized away.
        store(H, get(end!), get(touched!)),
        get(end!),
      ]
    })
  }

  /** A function of the end of the batch that stores those of its states that are new, with their parents. */
  insert({ next, fresh, end: last, inspect, block }: Numbering): number {
    const { A, H, Q, B, S, T, P } = this.#space
    const { words, shared } = this.#probing
    return this.#module.define(1, 0, (locals, [o]) => {
      const [p, end, a, h, q, e, b, n] = locals.several(8)
      const table = this.#table(locals)
      const entry = or(and(get(h!), table.keep), get(n!))
      const copy = Array.from({ length: words }, (_, word) =>
        store(S, get(b!), load(B, get(a!), 4 * word), 4 * word),
      )
      const another = [
        set(n!, wasm.call(block, get(n!))),
        wasm.setGlobal(fresh, get(n!)),
        wasm.setGlobal(last, add(get(n!), constant(BLOCK))),
      ]
      const claim = shared
        ? [
            wasm.exitIf(2, wasm.tee(e!, wasm.compareExchange(T, get(q!), constant(0), entry))),
            increase(n!, 1),
            wasm.when(eq(get(n!), wasm.getGlobal(last)), [
              wasm.call(inspect, wasm.getGlobal(fresh), get(n!)),
              another,
            ]),
          ]
        : [store(T, get(q!), entry), increase(n!, 1)]
      // In the block in the loop in the block: exit 0 goes on at the next slot, 1 looks again, 2 is done; in `when` one more.
      const place = wasm.block([
        wasm.when(wasm.isZero(get(e!)), [
          set(b!, this.#address(get(n!))),
          copy,
          store(P, shl(get(n!), constant(2)), load(B, get(a!), this.size)),
          claim,
          wasm.exit(3),
        ]),
        wasm.exitIf(0, table.differs(e!, h!)),
        set(b!, this.#address(table.number(e!))),
        wasm.exitIf(2, wasm.isZero(this.#difference(b!, a!))),
      ])
      const onward = [set(q!, table.next(q!)), set(e!, load(T, get(q!))), wasm.exit(0)]
      return [
        set(end!, wasm.call(this.#locate, get(o!))),
        table.open,
        set(n!, wasm.getGlobal(next)),
        set(p!, base),
        wasm.whileTrue(isLess(p!, end!), [
          set(a!, load(A, get(p!))),
          set(h!, load(H, get(p!))),
          set(q!, load(Q, get(p!))),
          set(e!, load(T, get(q!))),
          wasm.block(wasm.loop([place, onward])),
          increase(p!, 4),
        ]),
        wasm.setGlobal(next, get(n!)),
        wasm.call(inspect, wasm.getGlobal(fresh), get(n!)),
        wasm.setGlobal(fresh, get(n!)),
      ]
    })
  }

  /** A function of `from` and `to` that enters the states numbered so, which are known to differ, into the table. */
  index(): number {
    const { H, S, T } = this.#space
    const { shared } = this.#probing
    return this.#module.define(
      2,
      0,
      (locals, [s, to]) => {
        const [p, h, q, b, end, touched] = locals.several(6)
        const table = this.#table(locals)
        const entry = or(and(get(h!), table.keep), get(s!))
        const taken = shared ? wasm.compareExchange(T, get(q!), constant(0), entry) : load(T, get(q!))
        const chunk = [
          set(p!, base),
          set(end!, add(get(s!), constant(CHUNK))),
          wasm.when(wasm.ltUnsigned(get(to!), get(end!)), set(end!, get(to!))),
          set(b!, this.#address(get(s!))),
          set(q!, get(s!)),
          wasm.whileTrue(isLess(q!, end!), [
            set(h!, hash(locals, this.#probing.words, S, b!)),
            store(H, get(p!), get(h!)),
            set(touched!, xor(get(touched!), load(T, table.home(get(h!))))),
            increase(p!, 4),
            increase(b!, this.size),
            increase(q!, 1),
          ]),
          store(H, get(p!), get(touched!)),
          set(p!, base),
          wasm.whileTrue(isLess(s!, end!), [
            set(h!, load(H, get(p!))),
            set(q!, table.home(get(h!))),
            wasm.whileTrue(taken, set(q!, table.next(q!))),
            shared ? wasm.NOTHING : store(T, get(q!), entry),
            increase(p!, 4),
            increase(s!, 1),
          ]),
        ]
        return [table.open, wasm.whileTrue(isLess(s!, to!), chunk)]
      },
      'index',
    )
  }

  /** Locates a batch that ends at `o`; the code has the end of the list. */
  locate(o: Code): Code {
    return wasm.call(this.#locate, o)
  }

  /** A function of the place in the list of a located state that is in the table; it returns the state's number. */
  find(): number {
    const { A, H, Q, T } = this.#space
    return this.#module.define(1, 1, (locals, [p]) => {
      const [a, h, q, e, b] = locals.several(5)
      const table = this.#table(locals)
      const look = wasm.block([
        set(e!, load(T, get(q!))),
        wasm.exitIf(0, table.differs(e!, h!)),
        set(b!, this.#address(table.number(e!))),
        wasm.exitIf(0, this.#difference(b!, a!)),
        wasm.giveBack(table.number(e!)),
      ])
      return [
        table.open,
        set(a!, load(A, get(p!))),
        set(h!, load(H, get(p!))),
        set(q!, load(Q, get(p!))),
        wasm.loop([look, set(q!, table.next(q!)), wasm.exit(0)]),
        constant(0),
      ]
    })
  }

  #address(state: Code): Code {
    return wasm.mul(state, constant(this.size))
  }

  /**
   * 0 if the state at `B[a]` is the one last remembered in its place, else 1, and it is remembered. All places hold zeros at
   * first, so the state that is all zeros is always taken for new. There is no branch in it because half of the
   * answers are no: with one, the time saved is lost again to misprediction.
   */
  #isNew(locals: Locals, h: Local, a: Local): Code {
    const { R, B } = this.#space
    const r = locals.make()
    const words = locals.several(this.#probing.words)
    const place = wasm.mul(shrUnsigned(get(h), constant(32 - RECENT_BITS)), constant(this.size))
    const anyOf = (codes: readonly Code[]) => codes.reduce((all, each) => or(all, each))
    return [
      set(r, add(base, place)),
      words.map((local, word) => set(local, load(B, get(a), 4 * word))),
      or(
        ne(anyOf(words.map((local, word) => xor(load(R, get(r), 4 * word), get(local)))), constant(0)),
        wasm.isZero(anyOf(words.map(local => get(local)))),
      ),
      words.map((local, word) => store(R, get(r), get(local), 4 * word)),
    ]
  }

  /** 0 if the state at `S[b]` is that at `B[a]`. */
  #difference(b: Local, a: Local): Code {
    const { S, B } = this.#space
    return Array.from({ length: this.#probing.words }, (_, word) =>
      xor(load(S, get(b), 4 * word), load(B, get(a), 4 * word)),
    ).reduce((all, each) => or(all, each))
  }

  /** What a function that goes about the table keeps at hand. */
  #table(locals: Locals) {
    const [m, keep] = [locals.make(), locals.make()]
    const slot = (number: Code) => shl(number, constant(2))
    return {
      open: [set(m, wasm.getGlobal(this.mask)), set(keep, xor(get(m), constant(-1)))],
      keep: get(keep),
      /** Where the slot is at which the search for a hash begins. */
      home: (hash: Code) => slot(and(hash, get(m))),
      next: (q: Local) => and(add(get(q), constant(4)), slot(get(m))),
      /** Not 0 if the entry is surely not of a state with that hash. */
      differs: (entry: Local, hash: Local) => and(xor(get(entry), get(hash)), get(keep)),
      number: (entry: Local) => and(get(entry), get(m)),
    }
  }
}
