import { CheckerError } from '../ir/errors.ts'
import { markLeft } from '../ir/implications.ts'
import type { Expr, System } from '../ir/ir.ts'
import { at } from '../text/at.ts'

/** One thing the generated code looks for. Its index in the list of checks is its number there. */
export interface Check {
  readonly kind: 'trapped' | 'deadlock' | 'invariant' | 'witness'
  /** The invariant's id or the witness's name. */
  readonly id: string
  /** Looked for in every step rather than in every state. */
  readonly ofStep: boolean
  /** What is looked for: a witness's `seen`, an invariant's negation. */
  readonly found: Expr
  /** Of an invariant that is an implication: the number of its left side. */
  readonly left?: number
}

/**
 * The numbers of the checks that every system has: a value was refused where a state was expanded, a deadlock, and a value
 * was refused where a state was looked at, which is one step farther away.
 */
export const TRAPPED = 0
export const DEADLOCK = 1
export const TRAPPED_AHEAD = 2

/** Where the number of the state in which check number `check` was first met is kept, in bytes; rule + 1 follows. */
export function hitOffset(check: number): number {
  return 4 + 8 * check
}

/** Which invariants, recoveries and `deadlock` to check: all, none, or those with the given ids. */
export type Selection = 'all' | 'none' | readonly string[]

/** The checks of a system. Throws CHK003 for an id that it does not have. */
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
  refuseUnknown(system, selection)
  return [...builtIn, ...invariants, ...witnesses]
}

/** Those of `all` that `selection` names. */
export function select<T extends { readonly id: string }>(
  all: readonly T[],
  selection: Selection,
): readonly T[] {
  return all.filter(({ id }) => includes(selection, id))
}

/** The checks that are implications, by the numbers of their left sides. */
export function leftsOf(checks: readonly Check[]): Check[] {
  return checks.filter(({ left }) => left !== undefined)
}

/** Whether deadlocks are to be reported. */
export function watchesDeadlock(checks: readonly Check[]): boolean {
  return at(checks, DEADLOCK).found === ALWAYS
}

function includes(selection: Selection, id: string): boolean {
  return selection === 'all' || (selection !== 'none' && selection.includes(id))
}

function refuseUnknown(system: System, selection: Selection): void {
  if (typeof selection === 'string') return
  const known = new Set(['deadlock', ...[...system.invariants, ...system.recoveries].map(({ id }) => id)])
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
