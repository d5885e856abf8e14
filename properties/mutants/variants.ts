/** Many mutants of one machine as one machine. The variable `mutant` of a world says which of them runs. */
import { all, any, binary, get, not, number } from '../../checker/ir/expression.ts'
import type { Expr, Stmt } from '../../checker/ir/ir.ts'
import type { Action, Region, Transition } from '../../checker/lower/machine.ts'
import { acts, LoweredMachine, type StepContext, stateOf } from '../../checker/lower/step.ts'
import { must } from '../../checker/text/at.ts'
import { simplify, textOf } from './conditions.ts'

/** The variable that chooses the mutant. 0 is the original machine. */
export const MUTANT = 'mutant'

/** A mutant, and the value of the variable that chooses it. */
export interface Variant {
  readonly value: number
  readonly machine: LoweredMachine
}

/** One transition in a variant. */
interface Version {
  readonly value: number
  readonly region: Region
  /** Undefined if the variant has no such transition. */
  readonly transition: Transition | undefined
}

const guardText = ({ guard }: Transition): string => (guard ? textOf(simplify(guard)) : '')

const isSame = (some: readonly Action[], others: readonly Action[]): boolean =>
  some.length === others.length && some.every((action, i) => action === others[i])

const regionOf = ({ tables }: LoweredMachine, t: Transition): Region =>
  must(tables.regions.find(({ name }) => name === t.region))

/** Returns the actions of leaving and entering states in a transition. */
function passing(region: Region, { source, target }: Transition) {
  if (!target) return { exit: [], entry: [] }
  return { exit: stateOf(region, source).exit, entry: stateOf(region, target).entry }
}

const chosen = (values: readonly number[]): Expr =>
  any(values.map(value => binary('==', get(MUTANT), number(value))))

export class Variants extends LoweredMachine {
  readonly #variants: readonly Variant[]
  /** By transition, the variants in which it differs. */
  readonly #versions = new Map<string, readonly Version[]>()

  constructor(original: LoweredMachine, variants: readonly Variant[]) {
    const scopes = variants.map(({ machine }) => machine.scope)
    super(original.tables, Object.assign({}, original.scope, ...scopes))
    this.#variants = variants
  }

  override get rounds(): number {
    return Math.max(super.rounds, ...(this.#variants ?? []).map(({ machine }) => machine.rounds))
  }

  /** Returns the versions of a transition in the variants that change it. */
  #versionsOf(t: Transition): readonly Version[] {
    const known = this.#versions.get(t.id)
    if (known) return known
    const own = regionOf(this, t)
    const versions = this.#variants.flatMap(({ value, machine }): Version[] => {
      const region = regionOf(machine, t)
      const transition = region.transitions.find(({ id }) => id === t.id)
      return transition && isAlike(own, t, region, transition) ? [] : [{ value, region, transition }]
    })
    this.#versions.set(t.id, versions)
    return versions
  }

  override enabled(c: StepContext, event: string): Expr {
    const silenced = this.transitions
      .filter(t => t.event === event && acts(t))
      .flatMap(t => this.#versionsOf(t))
      .filter(({ transition }) => transition && !acts(transition))
      .map(({ value }) => value)
    const others = this.#variants.filter(({ value }) => silenced.includes(value))
    return any([
      ...others.map(({ value, machine }) => all([chosen([value]), machine.enabled(c, event)])),
      all([not(chosen(others.map(({ value }) => value))), super.enabled(c, event)]),
    ])
  }

  protected override guard(c: StepContext, t: Transition): Expr {
    const changed = this.#versionsOf(t).filter(
      ({ transition }) => !transition || guardText(transition) !== guardText(t),
    )
    if (changed.length === 0) return super.guard(c, t)
    return any([
      ...changed.flatMap(({ value, transition }) =>
        transition ? [all([chosen([value]), super.guard(c, transition)])] : [],
      ),
      all([not(chosen(changed.map(({ value }) => value))), super.guard(c, t)]),
    ])
  }

  /** Emits a part of the step of a transition: that of the variant that runs. */
  #emit(c: StepContext, region: Region, t: Transition, part: (region: Region, t: Transition) => void): void {
    const { evaluator } = c
    const original = evaluator.collect(() => part(region, t))
    const cases = this.#versionsOf(t).flatMap(version => {
      const { transition } = version
      if (!transition) return []
      const body = evaluator.collect(() => part(version.region, transition))
      return isEqual(body, original) ? [] : [{ value: version.value, body }]
    })
    if (cases.length > 0) evaluator.emit({ do: 'switch', on: get(MUTANT), cases, otherwise: original })
    else for (const statement of original) evaluator.emit(statement)
  }

  protected override exit(c: StepContext, region: Region, t: Transition): void {
    this.#emit(c, region, t, (r, one) => super.exit(c, r, one))
  }

  protected override act(c: StepContext, t: Transition): void {
    this.#emit(c, regionOf(this, t), t, (_, one) => super.act(c, one))
  }

  protected override enter(c: StepContext, region: Region, t: Transition): void {
    this.#emit(c, region, t, (r, one) => super.enter(c, r, one))
  }
}

const isEqual = (some: readonly Stmt[], others: readonly Stmt[]): boolean =>
  JSON.stringify(some) === JSON.stringify(others)

/** Returns whether two versions of a transition do the same under the same guard. */
function isAlike(own: Region, t: Transition, region: Region, other: Transition): boolean {
  const [here, there] = [passing(own, t), passing(region, other)]
  return (
    t.target === other.target &&
    guardText(t) === guardText(other) &&
    isSame(t.actions, other.actions) &&
    isSame(here.exit, there.exit) &&
    isSame(here.entry, there.entry)
  )
}
