import { CheckerError } from '../ir/errors.ts'
import { markLeft } from '../ir/implications.ts'
import type { Expr, System } from '../ir/ir.ts'
import { at } from '../text/at.ts'

/** A property that the generated code looks for. Its index in the list of checks is its number. */
export interface Check {
  readonly kind: 'trapped' | 'deadlock' | 'invariant' | 'witness'
  /** The id of the invariant or the name of the witness. */
  readonly id: string
  /** Evaluated in every step instead of every state. */
  readonly ofStep: boolean
  /** The expression that is true where the check is met: a witness's `seen`, an invariant's negation. */
  readonly found: Expr
  /** The number of the left side, if the invariant is an implication. */
  readonly left?: number
}

/**
 * The numbers of the checks that every system has. `TRAPPED`: expanding a state rejected a value.
 * `TRAPPED_AHEAD`: looking at a state rejected a value, which is one step farther away.
 */
export const TRAPPED = 0
export const DEADLOCK = 1
export const TRAPPED_AHEAD = 2

/**
 * Returns the byte offset, in the region `hits`, of the number of the state where check number `check` was
 * first met. The number of the rule, plus 1, follows it.
 */
export function hitOffset(check: number): number {
  return 4 + 8 * check
}

/** The invariants, recoveries, liveness properties and `deadlock` to check: all, none, or those with the given ids. */
export type Selection = 'all' | 'none' | readonly string[]

/** Returns the checks of a system. Throws CHK003 for an id that the system does not have. */
export function checksOf(system: System, selection: Selection): Check[] {
  const builtIn: Check[] = [
    { kind: 'trapped', id: 'trapped', ofStep: true, found: NEVER },
    {
      kind: 'deadlock',
      id: 'deadlock',
      ofStep: false,
      found: includes(selection, 'deadlock') ? ALWAYS : NEVER,
    },
    { kind: 'trapped', id: 'trapped ahead', ofStep: true, found: NEVER },
  ]
  let lefts = 0
  const invariants = select(system.invariants, selection).map(({ id, holds, ofStep }): Check => {
    const marked = markLeft(holds, lefts)
    const found: Expr = { op: '!', of: marked ?? holds }
    return { kind: 'invariant', id, ofStep, found, ...(marked ? { left: lefts++ } : {}) }
  })
  const witnesses = system.witnesses.map(
    ({ name, seen, ofStep }): Check => ({ kind: 'witness', id: name, ofStep, found: seen }),
  )
  rejectUnknown(system, selection)
  return [...builtIn, ...invariants, ...witnesses]
}

/** Returns the elements of `all` that `selection` names. */
export function select<T extends { readonly id: string }>(
  all: readonly T[],
  selection: Selection,
): readonly T[] {
  return all.filter(({ id }) => includes(selection, id))
}

/** Returns the checks that are implications, by the numbers of their left sides. */
export function leftsOf(checks: readonly Check[]): Check[] {
  return checks.filter(({ left }) => left !== undefined)
}

/** Reports whether the search looks for deadlocks. */
export function watchesDeadlock(checks: readonly Check[]): boolean {
  return at(checks, DEADLOCK).found === ALWAYS
}

function includes(selection: Selection, id: string): boolean {
  return selection === 'all' || (selection !== 'none' && selection.includes(id))
}

function rejectUnknown(system: System, selection: Selection): void {
  if (typeof selection === 'string') return
  const known = new Set([
    'deadlock',
    ...[...system.invariants, ...system.recoveries, ...system.liveness].map(({ id }) => id),
  ])
  const unknown = selection.filter(id => !known.has(id))
  if (unknown.length > 0) {
    throw new CheckerError(
      'CHK003',
      `${system.name} has no invariant ${unknown.join(', ')}; it has ${[...known].join(', ')}`,
    )
  }
}

const NEVER: Expr = { op: 'number', value: 0 }
const ALWAYS: Expr = { op: 'number', value: 1 }
