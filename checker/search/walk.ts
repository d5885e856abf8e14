import { type Check, checksOf, DEADLOCK, type Selection, watchesDeadlock } from '../codegen/checks.ts'
import { assertWellFormed, Names } from '../codegen/names.ts'
import { declareArray } from '../codegen/outline.ts'
import { printRule, variableAt } from '../codegen/rule.ts'
import { StepChecks } from '../codegen/stepChecks.ts'
import { bounded } from '../ir/bounded.ts'
import { CheckerError, trapped } from '../ir/errors.ts'
import type { Checked, Rule, System } from '../ir/ir.ts'
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
   * Takes rule number `rule`, which must be enabled. Throws TrapError for a refused value and CHK005 for an
   * unknown rule.
   */
  take(state: State, rule: number): Step
  decode(state: State): Record<string, number>
  encode(values: Readonly<Record<string, number>>): State
}

interface Stepper {
  readonly guards: readonly ((state: State) => boolean)[]
  readonly takes: readonly ((state: State, next: State, points: number[], found: number[]) => void)[]
  enabled(state: State): number[]
  inspect(state: State, found: number[]): void
  /** Reports whether nothing can follow the state and it is not final. */
  stuck(state: State): boolean
}

/** Prepares a system for walking, at about a million steps a second. Throws CHK002 and CHK003. */
export function walk(given: System, invariants: Selection = 'all'): Walk {
  assertWellFormed(given)
  const system = bounded(given)
  const checks = checksOf(system, invariants)
  const watched = watchesDeadlock(checks)
  const refusable: Checked[] = []
  const checked = (value: number, index: number): number => {
    const check = at(refusable, index)
    if (passes(check, value)) return value
    throw trapped(system, check, value)
  }
  const stepper = new Function('env', printStepper(system, checks, refusable))({ checked }) as Stepper
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
      const takeRule = stepper.takes[rule] as Stepper['takes'][number]
      takeRule(state, next, coverage, found)
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

/** Prints the functions of a walk. Adds the checks that it prints to `refusable`. */
function printStepper(system: System, checks: readonly Check[], refusable: Checked[]): string {
  const names = new Names(system)
  const check = (one: Checked, value: string) => `checked(${value}, ${refusable.push(one) - 1})`
  const stepChecks = new StepChecks(system, names, checks)
  const declare = (uses: Iterable<number>, writes: ReadonlySet<number> = new Set()) =>
    [...uses].map(index => `  ${writes.has(index) ? 'let' : 'const'} v${index} = V[${index}]\n`).join('')
  const test = (expr: Parameters<typeof printTruth>[0]) =>
    printTruth(expr, { read: name => names.identifier(name), check })
  const printTake = (rule: Rule, number: number) => {
    const { uses, writes, text, inArray, parts } = printRule(
      {
        system,
        names,
        checks: stepChecks,
        cover: point => `points.push(${point})`,
        hit: check => `found.push(${check})`,
        check,
        prefix: 'take',
        context: 'points',
      },
      rule,
    )
    const loads = inArray
      ? [...uses].map(index => `  U[${index}] = V[${index}]\n`).join('')
      : declare(uses, writes)
    const stores = [...writes].map(index => `  N[${index}] = ${variableAt(inArray, index)}\n`).join('')
    return `${parts}function take${number}(V, N, points, found) {\n${loads}${text}${stores}}\n`
  }
  const printGuard = ({ guard }: Rule, number: number) =>
    `function guard${number}(V) {\n${declare(names.variables(readsOf(guard)))}  return ${test(guard)}\n}\n`
  const ofState = checks
    .map((check, number) => ({ ...check, number }))
    .filter(check => !check.ofStep && check.kind !== 'deadlock')
  const stateReads = names.variables(readsOf(...ofState.map(({ found }) => found)))
  const list = (name: string) => `[${system.rules.map((_, index) => name + index).join(', ')}]`
  const live = system.rules.flatMap(({ kind }, index) => (kind === 'fault' ? [] : [`guard${index}(V)`]))
  return `'use strict'
const { checked } = env
${system.rules.map(printGuard).join('')}${system.rules.map(printTake).join('')}${declareArray(names)}
return {
  guards: ${list('guard')}, takes: ${list('take')},
  enabled(V) {
    const rules = []
${system.rules.map((_, index) => `    if (guard${index}(V)) rules.push(${index})\n`).join('')}    return rules
  },
  inspect(V, found) {
${declare(stateReads)}${ofState.map(({ found, number }) => `  if (${test(found)}) found.push(${number})\n`).join('')}  },
  stuck(V) {
    if (${['false', ...live].join(' || ')}) return false
${declare(names.variables(readsOf(system.final)))}    return !${test(system.final)}
  },
}`
}
