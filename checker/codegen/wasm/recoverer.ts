import type { Recovery, System } from '../../ir/ir.ts'
import { outlastsFaults } from '../../ir/rules.ts'
import { type Layout, storedWords } from '../packing.ts'
import { base, type Space } from './arena.ts'
import * as wasm from './code.ts'
import { Module } from './module.ts'
import { type Fire, Parts } from './parts.ts'
import { Prober } from './probe.ts'
import { BATCH, imports } from './program.ts'

const { add, constant, get, set } = wasm

/** States in which one rule is taken before the next. Their successors fit into the batch. */
const LOOKED = BATCH

/** Recoveries that one pass can treat: each is a bit of 16. */
export const RECOVERIES_AT_ONCE = 16

/**
 * Returns the bytes of a program that works backwards, a `Recoverer`, for at most {@link RECOVERIES_AT_ONCE}
 * recoveries.
 */
export function printRecoverer(
  system: System,
  recoveries: readonly Recovery[],
  layout: Layout,
  space: Space,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const module = new Module(imports(space, []))
  const parts = new Parts(module, space, system, layout, [], shared)
  const prober = new Prober(module, space, { words: storedWords(layout), shared: false, forgetful: false })
  const marks = new Marks(module, space)
  const kept = new Kept(module, space, marks)
  const settle = defineSettle(module, space, prober, kept, marks)
  const helped = parts.fire(outlastsFaults, { wanted: s => marks.lacks(marks.of(s)) })
  const goals = parts.bits(recoveries.map(({ goal }) => goal))
  const due = parts.bits(recoveries.map(({ when }) => when))
  defineLook(module, settle, helped)
  kept.defineAgain()
  module.define(
    2,
    1,
    (locals, [s, to]) => {
      const [goal, missed] = locals.several(2)
      const place = wasm.mul(get(s), constant(parts.size))
      return [
        wasm.whileTrue(wasm.ltUnsigned(get(s), get(to)), [
          set(goal, wasm.call(goals, place, get(s))),
          marks.put(s, get(goal)),
          set(
            missed,
            wasm.or(get(missed), wasm.and(wasm.call(due, place, get(s)), wasm.xor(get(goal), constant(-1)))),
          ),
          wasm.increase(s, 1),
        ]),
        get(missed),
      ]
    },
    'mark',
  )
  defineLost(module, parts, due, marks)
  return module.encode()
}

/** Defines `missed(s)` and `lost(from, to)`. In most states all marks are there, and nothing else needs to be known. */
function defineLost(module: Module, parts: Parts, due: number, marks: Marks): void {
  const missed = module.define(
    1,
    1,
    (_, [s]) =>
      wasm.and(
        wasm.call(due, wasm.mul(get(s), constant(parts.size)), get(s)),
        wasm.and(wasm.xor(marks.of(s), constant(-1)), marks.sought),
      ),
    'missed',
  )
  module.define(
    2,
    1,
    (_, [s, to]) => [
      wasm.whileTrue(wasm.ltUnsigned(get(s), get(to)), [
        wasm.when(marks.lacks(marks.of(s)), wasm.when(wasm.call(missed, get(s)), wasm.giveBack(get(s)))),
        wasm.increase(s, 1),
      ]),
      constant(0),
    ],
    'lost',
  )
}

/** The marks of states, and which of them the search is after. */
class Marks {
  readonly #space: Space
  /** A global: the recoveries to decide. */
  readonly #sought: number

  constructor(module: Module, space: Space) {
    this.#space = space
    this.#sought = module.global()
    module.define(1, 0, (_, [sought]) => wasm.setGlobal(this.#sought, get(sought)), 'seek')
  }

  of(state: wasm.Local): wasm.Code {
    return wasm.load16(this.#space.marks, wasm.shl(get(state), constant(1)), 0)
  }

  put(state: wasm.Local, marks: wasm.Code): wasm.Code {
    return wasm.store16(this.#space.marks, wasm.shl(get(state), constant(1)), marks)
  }

  /** The recoveries that the search is after. */
  get sought(): wasm.Code {
    return wasm.getGlobal(this.#sought)
  }

  /** Whether `marks` lack one that the search is after. */
  lacks(marks: wasm.Code): wasm.Code {
    return wasm.ne(wasm.and(marks, this.sought), this.sought)
  }
}

/**
 * A list of pairs of a state and a successor that may still bring it a mark, because both lack one. The list
 * takes the room that the states left. Thus the search looks at states once, and at pairs as often as
 * necessary.
 */
class Kept {
  readonly #module: Module
  readonly #space: Space
  readonly #marks: Marks
  /**
   * Globals: the first pair, the end of the pairs, the end of the room, and whether the room was too small.
   */
  readonly #from: number
  readonly #next: number
  readonly #to: number
  readonly #full: number

  constructor(module: Module, space: Space, marks: Marks) {
    this.#module = module
    this.#space = space
    this.#marks = marks
    this.#from = module.global()
    this.#next = module.global()
    this.#to = module.global()
    this.#full = module.global()
    const keep = [this.#from, this.#next, this.#to]
    module.define(
      2,
      0,
      (_, [from, to]) => [
        keep.map(global => wasm.setGlobal(global, get(global === this.#to ? to : from))),
        wasm.setGlobal(this.#full, constant(0)),
      ],
      'keep',
    )
    module.define(0, 1, () => wasm.getGlobal(this.#full), 'full')
  }

  /** Keeps a pair if there is room. */
  add(state: wasm.Local, successor: wasm.Local): wasm.Code {
    const { states } = this.#space
    const at = wasm.getGlobal(this.#next)
    return wasm.when(
      wasm.ltUnsigned(at, wasm.getGlobal(this.#to)),
      [
        wasm.store(states, at, get(state)),
        wasm.store(states, at, get(successor), 4),
        wasm.setGlobal(this.#next, add(at, constant(8))),
      ],
      wasm.setGlobal(this.#full, constant(1)),
    )
  }

  /**
   * Defines `again(back)`, which goes through the pairs, from the last one on if `back`. It returns the number
   * of added marks.
   */
  defineAgain(): void {
    const { states } = this.#space
    const marks = this.#marks
    this.#module.define(
      1,
      1,
      (locals, [back]) => {
        const [at, to, end, s, t, had, has, changes] = locals.several(8)
        const mark = [
          set(s, wasm.load(states, get(at))),
          set(t, wasm.load(states, get(at), 4)),
          set(had, marks.of(s)),
          set(has, wasm.or(get(had), marks.of(t))),
          wasm.when(wasm.ne(get(has), get(had)), [marks.put(s, get(has)), wasm.increase(changes, 1)]),
        ]
        const backward = [
          set(at, get(end)),
          wasm.whileTrue(wasm.ltUnsigned(wasm.getGlobal(this.#from), get(at)), [wasm.increase(at, -8), mark]),
        ]
        // On the way forward, leave out pairs that have become useless.
        const forward = [
          set(at, wasm.getGlobal(this.#from)),
          set(to, get(at)),
          wasm.whileTrue(wasm.ltUnsigned(get(at), get(end)), [
            mark,
            wasm.when(marks.lacks(get(has)), [
              wasm.store(states, get(to), get(s)),
              wasm.store(states, get(to), get(t), 4),
              wasm.increase(to, 8),
            ]),
            wasm.increase(at, 8),
          ]),
          wasm.setGlobal(this.#next, get(to)),
        ]
        return [set(end, wasm.getGlobal(this.#next)), wasm.when(get(back), backward, forward), get(changes)]
      },
      'again',
    )
  }
}

/**
 * Defines `settle(o)`, which marks the parents of the batch with the marks of its states. It returns the number
 * of added marks.
 */
function defineSettle(module: Module, space: Space, prober: Prober, kept: Kept, marks: Marks): number {
  const { addresses, batch } = space
  const find = prober.find()
  return module.define(1, 1, (locals, [o]) => {
    const [p, end, s, t, had, has, changes] = locals.several(7)
    return [
      set(end, prober.locate(get(o))),
      set(p, base),
      wasm.whileTrue(wasm.ltUnsigned(get(p), get(end)), [
        set(s, wasm.load(batch, wasm.load(addresses, get(p)), prober.size)),
        set(had, marks.of(s)),
        wasm.when(marks.lacks(get(had)), [
          set(t, wasm.call(find, get(p))),
          set(has, wasm.or(get(had), marks.of(t))),
          wasm.when(wasm.ne(get(has), get(had)), [marks.put(s, get(has)), wasm.increase(changes, 1)]),
          wasm.when(marks.lacks(get(has)), kept.add(s, t)),
        ]),
        wasm.increase(p, 4),
      ]),
      get(changes),
    ]
  })
}

/**
 * Defines `look(from, to)`, which marks states with the marks of their successors, the last state first. It settles the
 * successors of a chunk by one rule before it takes the next rule: most states have all their marks after a few rules,
 * and need no others.
 */
function defineLook(module: Module, settle: number, helped: readonly Fire[]): void {
  module.define(
    2,
    1,
    (locals, [from, to]) => {
      const [s, o, changes] = locals.several(3)
      const fire = (rule: Fire) => [
        set(o, base),
        set(o, rule(s, to, o)),
        wasm.when(wasm.ne(get(o), base), set(changes, add(get(changes), wasm.call(settle, get(o))))),
      ]
      const chunk = constant(LOOKED)
      return [
        wasm.whileTrue(wasm.ltUnsigned(get(from), get(to)), [
          set(s, get(from)),
          wasm.when(wasm.ltUnsigned(add(get(from), chunk), get(to)), set(s, wasm.sub(get(to), chunk))),
          helped.map(fire),
          set(to, get(s)),
        ]),
        get(changes),
      ]
    },
    'look',
  )
}
