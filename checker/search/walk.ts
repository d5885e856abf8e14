import { type Check, checksOf, DEADLOCK, type Selection, watchesDeadlock } from '../codegen/checks.ts'
import { assertBody, assertWellBegun, Names } from '../codegen/names.ts'
import { declareArray } from '../codegen/outline.ts'
import { printRule, variableAt } from '../codegen/rule.ts'
import { StepChecks } from '../codegen/stepChecks.ts'
import { boundedWhenRead } from '../ir/bounded.ts'
import { CheckerError, trapped } from '../ir/errors.ts'
import type { Checked, Expr, Rule, System } from '../ir/ir.ts'
import { printTruth } from '../ir/print.ts'
import { passes } from '../ir/simplify.ts'
import { readsOf } from '../ir/uses.ts'
import { at } from '../text/at.ts'

/** A state of a system: the values of its variables, in order. States never change. */
export type State = Int32Array

/** The outcome of one step. */
export interface Step {
  readonly state: State
  /** The coverage points passed, in order. */
  readonly coverage: readonly number[]
  /** The invariants that the step or its new state violates; `deadlock` if nothing can follow the state. */
  readonly failed: readonly string[]
  /** The witnesses seen in the step or in its new state. */
  readonly seen: readonly string[]
}

/**
 * Goes through a system one step at a time: for fuzzing, for replaying traces, and for naming the rules of a
 * path.
 */
export interface Walk {
  readonly system: System
  initial(): State
  /** Evaluates the checks of a state. `coverage` is empty. */
  look(state: State): Step
  /** The indexes of the enabled rules, ascending. */
  enabled(state: State): number[]
  isEnabled(state: State, rule: number): boolean
  /**
   * Takes rule number `rule`, which must be enabled. Throws TrapError for a rejected value and CHK005 for an
   * unknown rule.
   */
  take(state: State, rule: number): Step
  decode(state: State): Record<string, number>
  encode(values: Readonly<Record<string, number>>): State
}

type Take = (state: State, next: State, points: number[], found: number[]) => void

interface Stepper {
  readonly guards: readonly ((state: State) => boolean)[]
  enabled(state: State): number[]
  inspect(state: State, found: number[]): void
  /** Reports whether nothing can follow the state and it is not final. */
  stuck(state: State): boolean
}

/**
 * Prepares a system for walking, at about a million steps a second. Throws CHK002 and CHK003. A rule with an ill-formed body
 * throws CHK002 when it is first taken.
 */
export function walk(given: System, invariants: Selection = 'all'): Walk {
  assertWellBegun(given)
  const names = new Names(given)
  const system = boundedWhenRead(given)
  const checks = checksOf(system, invariants)
  const watched = watchesDeadlock(checks)
  const rejectable: Checked[] = []
  const checked = (value: number, index: number): number => {
    const check = at(rejectable, index)
    if (passes(check, value)) return value
    throw trapped(system, check, value)
  }
  const print = new StepPrinter(system, checks, rejectable)
  const compiled = (text: string) => new Function('checked', text)(checked)
  const stepper = compiled(print.stepper()) as Stepper
  // A replay takes few of the rules of a wide world. Analysing and printing them all takes seconds.
  const takes: (Take | undefined)[] = []
  const prepared = (rule: number): Take => {
    assertBody(given, at(given.rules, rule), names)
    return compiled(print.take(rule)) as Take
  }
  const conclude = (state: State, coverage: number[], found: number[]): Step => {
    stepper.inspect(state, found)
    if (watched && stepper.stuck(state)) found.push(DEADLOCK)
    const of = (wanted: boolean) =>
      found
        .filter(check => (at(checks, check).kind === 'witness') === wanted)
        .map(check => at(checks, check).id)
    return found.length === 0
      ? { state, coverage, failed: [], seen: [] }
      : { state, coverage, failed: of(false), seen: of(true) }
  }
  return {
    system,
    initial: () => Int32Array.from(system.variables, ({ initial }) => initial),
    look: state => conclude(state, [], []),
    enabled: state => stepper.enabled(state),
    isEnabled: (state, rule) => guardOf(rule)(state),
    take(state, rule) {
      guardOf(rule)
      const [next, coverage, found] = [state.slice(), [] as number[], [] as number[]]
      takes[rule] ??= prepared(rule)
      takes[rule](state, next, coverage, found)
      return conclude(next, coverage, found)
    },
    decode: state =>
      Object.fromEntries(system.variables.map(({ name }, index) => [name, state[index] as number])),
    encode: values => Int32Array.from(system.variables, ({ name, initial }) => values[name] ?? initial),
  }

  function guardOf(rule: number): (state: State) => boolean {
    const guard = stepper.guards[rule]
    if (guard) return guard
    throw new CheckerError('CHK005', `${system.name} has no rule ${rule}; it has ${system.rules.length}`)
  }
}

/** Prints the functions of a walk. Adds the checks that it prints to `rejectable`. */
class StepPrinter {
  readonly #system: System
  readonly #checks: readonly Check[]
  readonly #rejectable: Checked[]
  readonly #names: Names
  readonly #stepChecks: StepChecks

  constructor(system: System, checks: readonly Check[], rejectable: Checked[]) {
    this.#system = system
    this.#checks = checks
    this.#rejectable = rejectable
    this.#names = new Names(system)
    this.#stepChecks = new StepChecks(system, this.#names, checks)
  }

  /** Returns the body of a function that returns the function of one rule, a `Take`. */
  take(number: number): string {
    const [system, names] = [this.#system, this.#names]
    const { uses, writes, text, inArray, parts } = printRule(
      {
        system,
        names,
        checks: this.#stepChecks,
        cover: point => `points.push(${point})`,
        hit: check => `found.push(${check})`,
        check: this.#check,
        prefix: 'take',
        context: 'points',
      },
      at(system.rules, number),
    )
    const loads = inArray
      ? [...uses].map(index => `  U[${index}] = V[${index}]\n`).join('')
      : this.#declare(uses, writes)
    const stores = [...writes].map(index => `  N[${index}] = ${variableAt(inArray, index)}\n`).join('')
    return `'use strict'
${parts}${inArray ? declareArray(names) : ''}
return function take${number}(V, N, points, found) {
${loads}${text}${stores}}`
  }

  /** Returns the body of a function that returns a `Stepper`. */
  stepper(): string {
    const { rules, final } = this.#system
    const ofState = this.#checks
      .map((check, number) => ({ ...check, number }))
      .filter(check => !check.ofStep && check.kind !== 'deadlock')
    const stateReads = this.#names.variables(readsOf(...ofState.map(({ found }) => found)))
    const live = rules.flatMap(({ kind }, index) => (kind === 'fault' ? [] : [`guard${index}(V)`]))
    return `'use strict'
${rules.map((rule, number) => this.#guard(rule, number)).join('')}
return {
  guards: [${rules.map((_, index) => `guard${index}`).join(', ')}],
  enabled(V) {
    const rules = []
${rules.map((_, index) => `    if (guard${index}(V)) rules.push(${index})\n`).join('')}    return rules
  },
  inspect(V, found) {
${this.#declare(stateReads)}${ofState.map(({ found, number }) => `  if (${this.#test(found)}) found.push(${number})\n`).join('')}  },
  stuck(V) {
    if (${['false', ...live].join(' || ')}) return false
${this.#declare(this.#names.variables(readsOf(final)))}    return !${this.#test(final)}
  },
}`
  }

  #guard({ guard }: Rule, number: number): string {
    const reads = this.#declare(this.#names.variables(readsOf(guard)))
    return `function guard${number}(V) {\n${reads}  return ${this.#test(guard)}\n}\n`
  }

  readonly #check = (one: Checked, value: string): string =>
    `checked(${value}, ${this.#rejectable.push(one) - 1})`

  #test(expr: Expr): string {
    return printTruth(expr, { read: name => this.#names.identifier(name), check: this.#check })
  }

  #declare(uses: Iterable<number>, writes: ReadonlySet<number> = new Set()): string {
    return [...uses]
      .map(index => `  ${writes.has(index) ? 'let' : 'const'} v${index} = V[${index}]\n`)
      .join('')
  }
}
