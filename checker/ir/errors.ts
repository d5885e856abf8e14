import { CodedError, type ErrorTable } from '../text/errors.ts'
import type { Checked, CheckKind, System } from './ir.ts'
import { CELL_BITS } from './widths.ts'

/** Errors in the use of the checker, as opposed to violations of a property. */
export const CHECKER_ERRORS = {
  CHK001: [
    'A rule stored a value that does not fit its variable.',
    'Give the variable more bits, or bound the value in the rule.',
  ],
  CHK002: [
    'The system is not well formed: an unknown name, a width out of range, or an effect that leaves it.',
    'Correct the part that the message names.',
  ],
  CHK003: ['The system has no such invariant.', 'Choose one of those that the message lists.'],
  CHK004: [
    'The memory limit is too small to start with, or the computer has less memory.',
    'Raise `--memory`, or lower a bound.',
  ],
  CHK005: ['The system has no such rule.', 'Record the trace again on the present machine.'],
  CHK006: ['The number of workers is out of range.', 'Give 1 to 64.'],
  CHK007: ['A worker thread died.', 'Run again with `--workers 1`, and report the message.'],
  CHK008: ['An index is outside its list.', 'Guard the rule that the message names.'],
  CHK009: ['A remainder by 0.', 'Guard the rule that the message names.'],
  CHK010: ['Arithmetic beyond 2^53.', 'Bound the operands in the rule that the message names.'],
} as const satisfies ErrorTable

export type CheckerCode = keyof typeof CHECKER_ERRORS

/** An error of the checker. Codes are a closed set, and the message says what to do. */
export class CheckerError extends CodedError<CheckerCode> {
  override readonly name = 'CheckerError'
}

const CODES: Readonly<Record<CheckKind, CheckerCode>> = {
  store: 'CHK001',
  index: 'CHK008',
  remainder: 'CHK009',
  exact: 'CHK010',
}

/** The most names of rules that a message shows. */
const SHOWN = 12

/** A rejected value. The system is wrong, so nothing is known about its properties. */
export class TrapError extends CheckerError {
  /** The rule or predicate, and the transition. */
  readonly where: string
  /** The list, the divisor or the variable, and the rejected value. */
  readonly source: string
  readonly value: number
  /** The names of the rules that lead to the state; undefined if the path is not known. */
  readonly path: readonly string[] | undefined
  readonly #what: string
  readonly #check: Checked

  constructor(code: CheckerCode, check: Checked, value: number, what: string, path?: readonly string[]) {
    const shown = path && path.length > SHOWN ? ['...', ...path.slice(-SHOWN)] : path
    const after = shown === undefined ? '' : `; after ${shown.length === 0 ? 'no step' : shown.join(' > ')}`
    super(code, what + after)
    this.where = check.where
    this.source = check.source
    this.value = value
    this.path = path
    this.#what = what
    this.#check = check
  }

  /** Returns the same error with the path to it. */
  after(path: readonly string[]): TrapError {
    return new TrapError(this.code, this.#check, this.value, this.#what, path)
  }
}

/** Returns the error for a checked value that was rejected. */
export function trapped({ variables }: System, check: Checked, value: number): TrapError {
  const { kind, where, source, most } = check
  const bits = variables.find(({ name }) => name === source)?.bits ?? CELL_BITS
  const what: Record<CheckKind, string> = {
    store: `stores ${value} into ${source}, which has ${bits} bits; widen the variable or bound the rule`,
    index: `reads or writes item ${value} of ${source}, which has items 0 to ${most}; bound the index`,
    remainder: `divides by 0 in ${source}; ask for 0 first`,
    exact: `computes ${value} in ${source}, and numbers are exact up to 2^53 only; bound the operands`,
  }
  return new TrapError(CODES[kind], check, value, `${where} ${what[kind]}`)
}
