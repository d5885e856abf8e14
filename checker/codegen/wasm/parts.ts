import { joinAlike, WHICH } from '../../ir/alike.ts'
import { exposedReads } from '../../ir/exposed.ts'
import { mayTrap } from '../../ir/expression.ts'
import type { Expr, Rule, System } from '../../ir/ir.ts'
import { trim } from '../../ir/trim.ts'
import { readsOf, usesOf } from '../../ir/uses.ts'
import { isWide } from '../../ir/widths.ts'
import { at, must } from '../../text/at.ts'
import { type Check, leftsOf, TRAPPED, TRAPPED_AHEAD } from '../checks.ts'
import { Names } from '../names.ts'
import { type Layout, maskOf } from '../packing.ts'
import { rejectEffect } from '../rule.ts'
import { StepChecks } from '../stepChecks.ts'
import { base, cover, noteLeft, type Space } from './arena.ts'
import type { Code, Local } from './code.ts'
import * as wasm from './code.ts'
import { type ExprContext, printInteger, printTest, printWide, type Read, Temporary } from './expressions.ts'
import type { Locals, Module } from './module.ts'
import { Repeats } from './repeats.ts'
import { Scopes } from './scopes.ts'
import { printStatements } from './statements.ts'
import { StepCheckers } from './stepChecker.ts'
import { extract, type StateWords, wordsOf } from './words.ts'

/**
 * Prints the parts of a program that read and write packed states. State `s` has its words at `b` in the region
 * `states`. The batch ends at `o`; a successor in it is its words, then its parent.
 */
export class Parts {
  readonly system: System
  readonly checks: readonly Check[]
  readonly layout: Layout
  readonly words: StateWords
  /** Bytes of a state, and of a successor in the batch. */
  readonly size: number
  readonly stride: number
  /** Whether a successor in the batch has the number of its rule after its parent. */
  readonly #isNumbered: boolean
  readonly #module: Module
  readonly #space: Space
  readonly #names: Names
  /**
   * The function that reports a check that was met. Without it, rules evaluate no checks and count no coverage.
   */
  readonly #hit: number | undefined
  readonly #stepChecks: StepChecks
  readonly #stepCheckers: StepCheckers | undefined
  readonly #repeats: Repeats
  /** The number of left sides of implications. */
  readonly #lefts: number

  constructor(
    module: Module,
    space: Space,
    system: System,
    layout: Layout,
    checks: readonly Check[],
    shared: boolean,
    hit?: number,
    isNumbered = false,
  ) {
    this.#lefts = leftsOf(checks).length
    this.#module = module
    this.#space = space
    this.system = system
    this.checks = checks
    this.layout = layout
    this.words = wordsOf(module, space, layout, shared)
    this.size = this.words.size
    this.stride = this.size + (isNumbered ? 8 : 4)
    this.#isNumbered = isNumbered
    this.#names = new Names(system)
    this.#hit = hit
    this.#repeats = new Repeats(module)
    this.#stepChecks = new StepChecks(system, this.#names, checks)
    if (hit !== undefined)
      this.#stepCheckers = new StepCheckers(module, space, layout, this.words, this.#names, hit)
  }

  /**
   * For each rule that `wanted` selects, returns the call that takes it in those states from `s` to before `to`
   * in which it is enabled. The value of the call is the new end of the batch. The search goes rule by rule,
   * because the code of all rules is larger than the instruction caches.
   */
  fire(wanted: (rule: Rule) => boolean, around: Around = {}): Fire[] {
    const numbered = this.system.rules.map((rule, number) => ({ rule, number }))
    return joinAlike(numbered.filter(({ rule }) => wanted(rule))).flatMap(({ rule, numbers }) => {
      const taking = this.#taking(rule, around)
      return numbers.map(
        (number): Fire =>
          (s, to, o) =>
            wasm.call(taking, wasm.constant(number), wasm.get(s), wasm.get(to), wasm.get(o)),
      )
    })
  }

  /** Defines the function that takes `rule`, given the rule's number. */
  #taking(rule: Rule, around: Around): number {
    return this.#module.define(4, 1, (locals, [which, at, to, o]) => {
      const b = locals.make()
      const s = around.listed ? locals.make() : at
      const first = locals.make()
      const temporary = new Temporary(locals)
      const guard = this.#open(locals, b, this.#names.variables(readsOf(rule.guard)))
      const taken = wasm.when(
        printTest(rule.guard, {
          read: name => (name === WHICH ? wasm.get(which) : guard.read(name)),
          ...this.#noting(temporary, TRAPPED, s),
        }),
        [
          this.#take(rule, locals, temporary, guard, { which: which, s: s, b, o: o }),
          wasm.increase(o, this.stride),
          around.taken?.(s) ?? wasm.NOTHING,
        ],
      )
      const each = [guard.loads, taken]
      const place = wasm.set(b, wasm.mul(wasm.get(s), wasm.constant(this.size)))
      const note = wasm.storeByte(
        this.#space.noted,
        wasm.add(base, wasm.get(which)),
        wasm.constant(1),
        this.#lefts,
      )
      return [
        around.listed ? wasm.NOTHING : place,
        wasm.set(first, wasm.get(o)),
        wasm.whileTrue(wasm.ltUnsigned(wasm.get(at), wasm.get(to)), [
          around.listed ? [wasm.set(s, around.listed(at)), place] : wasm.NOTHING,
          around.wanted ? wasm.when(around.wanted(s), each) : each,
          wasm.increase(at, 1),
          around.listed ? wasm.NOTHING : wasm.increase(b, this.size),
        ]),
        this.#hit === undefined ? wasm.NOTHING : wasm.when(wasm.ne(wasm.get(o), wasm.get(first)), note),
        wasm.get(o),
      ]
    })
  }

  /**
   * Defines the function that reports which checks of states are met in the states from `s` to before `to`.
   */
  inspect(stopped: (check: number) => Code): number {
    const looked = this.checks
      .map((check, number) => ({ check, number }))
      .filter(({ check }) => !check.ofStep && check.kind !== 'deadlock')
    const hit = must(this.#hit, 'the function that notes hits')
    return this.#module.define(2, 0, (locals, [s, to]) => {
      const parts = [...this.system.recoveries, ...this.system.liveness]
        .flatMap(({ when, goal }) => [when, goal])
        .filter(mayTrap)
      if (looked.length === 0 && parts.length === 0) return []
      const b = locals.make()
      const reads = readsOf(...looked.map(({ check }) => check.found), ...parts)
      const state = this.#open(locals, b, this.#names.variables(reads))
      const words = { read: state.read, ...this.#noting(new Temporary(locals), TRAPPED_AHEAD, s) }
      const trials = parts.map(part => wasm.drop(printTest(part, words)))
      const tests = looked.map(({ check, number }) => {
        const found = wasm.when(
          printTest(check.found, words),
          wasm.call(hit, wasm.constant(number), wasm.get(s), wasm.constant(-1)),
        )
        // A witness that was seen is not evaluated again, unless it may reject a value in another state.
        const isOnce = check.kind === 'witness' && !mayTrap(check.found)
        return isOnce ? wasm.when(wasm.isZero(stopped(number)), found) : found
      })
      return [
        wasm.set(b, wasm.mul(wasm.get(s), wasm.constant(this.size))),
        wasm.whileTrue(wasm.ltUnsigned(wasm.get(s), wasm.get(to)), [
          state.loads,
          tests,
          trials,
          wasm.increase(s, 1),
          wasm.increase(b, this.size),
        ]),
      ]
    })
  }

  /**
   * Defines the function that returns which of `exprs` hold in a state, as a bit mask. It takes the address of
   * the state's words and its number.
   */
  bits(exprs: readonly Expr[]): number {
    return this.#module.define(2, 1, (locals, [b, s]) => {
      const temporary = new Temporary(locals)
      const state = this.#open(locals, b, this.#names.variables(readsOf(...exprs)))
      const bits = exprs.map((expr, index) =>
        wasm.select(
          printTest(expr, { read: state.read, ...this.#noting(temporary, TRAPPED, s) }),
          wasm.constant(1 << index),
          wasm.constant(0),
        ),
      )
      return [state.loads, bits.reduce(wasm.or, wasm.constant(0))]
    })
  }

  /**
   * Writes to the batch, at `o`, the successor by `rule` of the state `s`, whose words are at `b`. The rule has
   * the number `which`.
   */
  #take(rule: Rule, locals: Locals, temporary: Temporary, guard: Opened, at: At): Code {
    const { which, s, b, o } = at
    const found = this.#hit === undefined ? [] : this.#stepChecks.of(rule)
    const checker = found.length === 0 ? undefined : this.#stepCheckers?.of(found)
    const isCell = (name: string) => name !== WHICH && this.#names.isCell(name)
    const cells = new Set(checker?.cells)
    const body = trim(rule.body, { isCell, cells, coverage: this.#hit !== undefined })
    const used = usesOf(body)
    const uses = this.#names.variables([...used.reads, ...used.writes])
    const state = this.#open(locals, b, uses, guard)
    const exposed = new Set([...exposedReads(body), ...cells])
    const scopes = new Scopes(body, locals, name => isCell(name) && !exposed.has(name))
    const place = (name: string): Local => {
      if (name === WHICH) return which
      const { kind, index } = this.#names.meaning(name)
      return kind === 'variable' ? must(state.places.get(index), name) : scopes.place(name)
    }
    const words: ExprContext = {
      read: name => wasm.get(place(name)),
      ...this.#noting(temporary, TRAPPED, s),
    }
    const code = printStatements(body, {
      ...words,
      store: (name, from) => wasm.set(place(name), (isWide(name) ? printWide : printInteger)(from, words)),
      repeated: this.#repeats.in(body, { isWithin: (name, stmt) => scopes.isWithin(name, stmt), place }),
      cover: point => cover(this.#space, point),
      emit: effect => rejectEffect(this.system, rule, effect),
      enter: list => scopes.enter(list),
      leave: list => scopes.leave(list),
    })
    const given = [...cells].map(name => wasm.get(scopes.place(name)))
    return [
      state.loads,
      scopes.own.map(({ place, isWide }) =>
        wasm.set(place, isWide ? wasm.wideConstant(0) : wasm.constant(0)),
      ),
      code,
      this.#store(state, this.#names.variables(used.writes), at, locals),
      checker === undefined
        ? wasm.NOTHING
        : wasm.call(checker.index, wasm.get(s), wasm.get(b), wasm.get(o), wasm.get(which), ...given),
    ]
  }

  /** Returns what expressions about state `s` need. Rejected values are reported as check number `trapped`. */
  #noting(temporary: Temporary, trapped: number, s: Local): Omit<ExprContext, 'read'> {
    if (this.#hit === undefined) return { temporary }
    return {
      temporary,
      trap: wasm.call(this.#hit, wasm.constant(trapped), wasm.get(s), wasm.constant(-1)),
      note: point => noteLeft(this.#space, point),
    }
  }

  /**
   * Loads the variables `uses`, and the words at `b` that hold them, into local variables, except those that
   * `known` has.
   */
  #open(locals: Locals, b: Local, uses: ReadonlySet<number>, known?: Opened): Opened {
    const words = new Map(known?.words)
    const places = new Map(known?.places)
    const fresh = [...uses].filter(index => !places.has(index))
    const loads: Code[] = []
    for (const index of fresh) {
      const field = at(this.layout.fields, index)
      if (field.fixed === undefined && !words.has(field.word)) {
        const word = locals.make()
        words.set(field.word, word)
        loads.push(wasm.set(word, this.words.read(this.#space.states, wasm.get(b), field.word)))
      }
      const place = locals.make()
      places.set(index, place)
      loads.push(
        wasm.set(
          place,
          extract(field, word => wasm.get(must(words.get(word), `word ${word}`))),
        ),
      )
    }
    const read = (name: string) => wasm.get(must(places.get(this.#names.meaning(name).index), name))
    return { words, places, loads, read }
  }

  /**
   * Defines the function that returns the value of a rule's `each`, or 0 if the rule has none. It takes the
   * rule's number, the address of the state's words and the state's number.
   */
  each(): number {
    return this.#module.define(3, 1, (locals, [which, b, s]) => {
      const temporary = new Temporary(locals)
      const one = ({ each }: Rule, number: number): Code => {
        if (each === undefined) return wasm.NOTHING
        const state = this.#open(locals, b, this.#names.variables(readsOf(each)))
        const value = printInteger(each, { read: state.read, ...this.#noting(temporary, TRAPPED, s) })
        return wasm.when(wasm.eq(wasm.get(which), wasm.constant(number)), [state.loads, wasm.giveBack(value)])
      }
      return [this.system.rules.map(one), wasm.constant(0)]
    })
  }

  #store(
    { words, places }: Opened,
    writes: ReadonlySet<number>,
    { which, s, b, o }: At,
    locals: Locals,
  ): Code {
    const fields = [...writes].map(index => ({
      ...at(this.layout.fields, index),
      place: must(places.get(index), `variable ${index}`),
    }))
    const changed = new Map(
      [...new Set(fields.map(({ word }) => word))].map(word => {
        const within = fields.filter(field => field.word === word)
        const kept = within.reduce((mask, field) => mask & ~(maskOf(field) << field.shift), -1)
        const parts = within.map(field => {
          const part = wasm.and(wasm.get(field.place), wasm.constant(maskOf(field)))
          return field.shift === 0 ? part : wasm.shl(part, wasm.constant(field.shift))
        })
        const before = must(words.get(word), `word ${word}`)
        const value = parts.reduce(wasm.or, wasm.and(wasm.get(before), wasm.constant(kept)))
        return [word, { before, value }] as const
      }),
    )
    return [
      this.words.write(o, b, changed, locals),
      wasm.store(this.#space.batch, wasm.get(o), wasm.get(s), this.size),
      this.#isNumbered
        ? wasm.store(this.#space.batch, wasm.get(o), wasm.get(which), this.size + 4)
        : wasm.NOTHING,
    ]
  }
}

/** The call that takes a rule in the states from `s` to before `to`. Its value is the end of the batch. */
export type Fire = (s: Local, to: Local, o: Local) => Code

/** Code around the taking of a rule. */
export interface Around {
  /** Whether a state's successors are wanted at all. */
  readonly wanted?: (state: Local) => Code
  /** Returns the number of the state to look at; without it, `s` itself. */
  readonly listed?: (s: Local) => Code
  /** Notes that a state has a successor. */
  readonly taken?: (state: Local) => Code
}

/** A rule's number, a state's number, the address of its words, and the address of its successor. */
interface At {
  readonly which: Local
  readonly s: Local
  readonly b: Local
  readonly o: Local
}

/** A state's words and variables in local variables, and the code that loads them. */
interface Opened {
  readonly words: ReadonlyMap<number, Local>
  readonly places: ReadonlyMap<number, Local>
  readonly loads: Code
  readonly read: Read
}
