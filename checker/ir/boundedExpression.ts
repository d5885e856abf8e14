/** The values that an expression can have where the values of names are known, and the checks that it needs. */

import { apply, EXACT, fitsInt32, type Interval, ofBits, only, overlap, truthOf, within } from './interval.ts'
import type { Checked, CheckKind, Expr } from './ir.ts'
import type { Known } from './known.ts'
import { printNumber } from './print.ts'

const EXACTLY: Interval = { least: -EXACT, most: EXACT }

/** An expression, and the values that it can have. */
interface Bounded {
  readonly expr: Expr
  readonly values: Interval
}

export class ExpressionBounder {
  /** The values of names at the place that is being analysed. */
  known!: Known
  readonly #placed: (where: string) => string

  /** `placed` completes the `where` of a check. */
  constructor(placed: (where: string) => string) {
    this.#placed = placed
  }

  /** Returns the expression with the checks that it needs, and its values. */
  of(expr: Expr): Bounded {
    const { known } = this
    switch (expr.op) {
      case 'number':
        return { expr, values: only(expr.value) }
      case 'get':
        return { expr, values: known.of(expr.name) }
      case '!': {
        const of = this.of(expr.of)
        const truth = truthOf(of.values)
        const values = truth === undefined ? { least: 0, most: 1 } : only(truth ? 0 : 1)
        return { expr: of.expr === expr.of ? expr : { ...expr, of: of.expr }, values }
      }
      case 'note': {
        const of = this.of(expr.of)
        return { expr: of.expr === expr.of ? expr : { ...expr, of: of.expr }, values: of.values }
      }
      case 'check': {
        const of = this.of(expr.of)
        const where = this.#placed(expr.where)
        const made = this.checked(of.expr, of.values, expr.kind, expr, expr.source, where)
        const isSame = made.expr.op === 'check' && made.expr.of === expr.of && where === expr.where
        return isSame ? { ...made, expr } : made
      }
      case '?':
        return this.#either(expr)
      case '&&':
      case '||': {
        const left = this.of(expr.left)
        const right = known.where(left.expr, expr.op === '&&', () => this.of(expr.right))
        return this.#binary(expr, left, right)
      }
      default:
        return this.#binary(expr, this.of(expr.left), this.of(expr.right))
    }
  }

  #either(expr: Extract<Expr, { op: '?' }>): Bounded {
    const { known } = this
    const { expr: test, values } = this.of(expr.test)
    const [yes, no] = [
      known.where(test, true, () => this.of(expr.yes)),
      known.where(test, false, () => this.of(expr.no)),
    ]
    const isSame = test === expr.test && yes.expr === expr.yes && no.expr === expr.no
    const truth = truthOf(values)
    const both = {
      least: Math.min(yes.values.least, no.values.least),
      most: Math.max(yes.values.most, no.values.most),
    }
    return {
      expr: isSame ? expr : { op: '?', test, yes: yes.expr, no: no.expr },
      values: truth === undefined ? both : (truth ? yes : no).values,
    }
  }

  #binary(expr: Extract<Expr, { left: Expr }>, left: Bounded, right: Bounded): Bounded {
    const { op } = expr
    if (op === '%') right = this.checked(right.expr, right.values, 'remainder', EXACTLY, textOf(expr))
    if (op === '<<' || op === '>>') right = shiftBy(right)
    if ((op === '|' || op === '<<' || op === '>>') && isZero(right) && fitsInt32(left.values)) return left
    if (op === '|' && isZero(left) && fitsInt32(right.values)) return right
    const values = apply(op, left.values, right.values)
    const wide = !fitsInt32(values)
    const isSame = left.expr === expr.left && right.expr === expr.right && (!wide || expr.wide)
    const made: Expr = isSame
      ? expr
      : { op, left: left.expr, right: right.expr, ...(wide || expr.wide ? { wide: true as const } : {}) }
    return wide ? this.checked(made, values, 'exact', EXACTLY, textOf(expr)) : { expr: made, values }
  }

  /** Returns `expr` if all its values are within `limits`. Otherwise adds a check. */
  checked(
    expr: Expr,
    values: Interval,
    kind: CheckKind,
    { least, most }: Interval,
    source: string,
    where = this.#placed(''),
  ): Bounded {
    const limits = { least, most }
    const divisor = kind === 'remainder' && values.least <= 0 && values.most >= 0
    if (!divisor && within(values, limits)) return { expr, values }
    const left = overlap(values, limits) ?? limits
    const passed = divisor && left.least === 0 && left.most > 0 ? { least: 1, most: left.most } : left
    const isThere = expr.op === 'check' && expr.kind === kind && within(expr, limits)
    // An impossible value need not pass the check, so a program that goes on after a rejection can rely on the
    // value.
    const narrowed = kind === 'store' || kind === 'exact' ? passed : limits
    const made: Checked = { op: 'check', kind, of: expr, ...narrowed, where, source }
    return { expr: isThere ? expr : made, values: passed }
  }
}

const isZero = ({ expr }: Bounded): boolean => expr.op === 'number' && expr.value === 0

/** Returns a shift count as JavaScript reads it: its last five bits. */
function shiftBy(by: Bounded): Bounded {
  const counts = ofBits(5)
  if (within(by.values, counts)) return by
  return { expr: { op: '&', left: by.expr, right: { op: 'number', value: counts.most } }, values: counts }
}

/** The most characters of an expression that an error shows. */
const SHOWN = 80

function textOf(expr: Expr): string {
  const text = printNumber(expr, { read: name => name, check: (_, value) => value }).replace(
    /^\((.*)\)$/,
    '$1',
  )
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text
}
