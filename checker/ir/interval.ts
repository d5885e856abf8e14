/** The values that an expression can have: an interval, both ends included. */
import { must } from '../text/at.ts'
import type { BinaryOp } from './ir.ts'

export interface Interval {
  readonly least: number
  readonly most: number
}

/** Whole numbers are exact up to here. */
export const EXACT = Number.MAX_SAFE_INTEGER

const INT32: Interval = { least: -(2 ** 31), most: 2 ** 31 - 1 }
const TRUTH: Interval = { least: 0, most: 1 }

export const only = (value: number): Interval => ({ least: value, most: value })

/** The values of a variable of `bits` bits. */
export const ofBits = (bits: number): Interval => ({ least: 0, most: 2 ** bits - 1 })

export const within = (inner: Interval, outer: Interval): boolean =>
  inner.least >= outer.least && inner.most <= outer.most

export const fitsInt32 = (one: Interval): boolean => within(one, INT32)

export const union = (one: Interval, other: Interval): Interval =>
  one.least <= other.least && one.most >= other.most
    ? one
    : { least: Math.min(one.least, other.least), most: Math.max(one.most, other.most) }

/** The intersection; undefined if it is empty. */
export function overlap(one: Interval, other: Interval): Interval | undefined {
  const [least, most] = [Math.max(one.least, other.least), Math.min(one.most, other.most)]
  return least <= most ? { least, most } : undefined
}

const has = ({ least, most }: Interval, value: number): boolean => least <= value && value <= most

/** All ones, in as many bits as `value` has. */
const ones = (value: number): number => 2 ** (32 - Math.clz32(value)) - 1

/** The values that bit operators see: 32 bits. */
const bitsOf = (one: Interval): Interval => (fitsInt32(one) ? one : INT32)

function times(a: Interval, b: Interval): Interval {
  const corners = [a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most]
  return { least: Math.min(...corners), most: Math.max(...corners) }
}

/** The remainder has the sign of the dividend, and is nearer to 0 than the dividend and the divisor. */
function remainder(a: Interval, b: Interval): Interval {
  const most = Math.max(1, Math.abs(b.least), Math.abs(b.most)) - 1
  if (a.least >= 0 && b.least > a.most) return a
  return {
    least: a.least >= 0 ? 0 : -Math.min(most, -a.least),
    most: a.most <= 0 ? 0 : Math.min(most, a.most),
  }
}

function and(a: Interval, b: Interval): Interval {
  if (a.least < 0 && b.least < 0) return INT32
  // A number that is not negative clears the sign and all bits above its own.
  const limits = [a, b].filter(({ least }) => least >= 0).map(({ most }) => most)
  return { least: 0, most: Math.min(...limits) }
}

function or(a: Interval, b: Interval): Interval {
  if (a.least < 0 || b.least < 0) return INT32
  return { least: Math.max(a.least, b.least), most: ones(a.most | b.most) }
}

/** `by` is 0 to 31. */
function left(a: Interval, by: Interval): Interval {
  const shifted = times(a, { least: 2 ** by.least, most: 2 ** by.most })
  return fitsInt32(shifted) ? shifted : INT32
}

function right(a: Interval, by: Interval): Interval {
  const corners = [a.least >> by.least, a.least >> by.most, a.most >> by.least, a.most >> by.most]
  return { least: Math.min(...corners), most: Math.max(...corners) }
}

function compare(op: BinaryOp, a: Interval, b: Interval): Interval {
  const apart = a.most < b.least || b.most < a.least
  const same = a.least === a.most && b.least === b.most && a.least === b.least
  const known: Partial<Record<BinaryOp, readonly [isTrue: boolean, isFalse: boolean]>> = {
    '==': [same, apart],
    '!=': [apart, same],
    '<': [a.most < b.least, a.least >= b.most],
    '<=': [a.most <= b.least, a.least > b.most],
    '>': [a.least > b.most, a.most <= b.least],
    '>=': [a.least >= b.most, a.most < b.least],
    '&&': [!has(a, 0) && !has(b, 0), only0(a) || only0(b)],
    '||': [!has(a, 0) || !has(b, 0), only0(a) && only0(b)],
  }
  const [isTrue, isFalse] = must(known[op], `a comparison by ${op}`)
  if (isTrue) return only(1)
  return isFalse ? only(0) : TRUTH
}

const only0 = ({ least, most }: Interval): boolean => least === 0 && most === 0

/** Reports whether a comparison is certainly true or certainly false. */
export const truthOf = (one: Interval): boolean | undefined => {
  if (!has(one, 0)) return true
  return only0(one) ? false : undefined
}

/** Returns the values of `a op b`. Arithmetic may go beyond {@link EXACT}. */
export function apply(op: BinaryOp, a: Interval, b: Interval): Interval {
  switch (op) {
    case '+':
      return { least: a.least + b.least, most: a.most + b.most }
    case '-':
      return { least: a.least - b.most, most: a.most - b.least }
    case '*':
      return times(a, b)
    case '%':
      return remainder(a, b)
    case '&':
      return and(bitsOf(a), bitsOf(b))
    case '|':
      return or(bitsOf(a), bitsOf(b))
    case '<<':
      return left(bitsOf(a), bitsOf(b))
    case '>>':
      return right(bitsOf(a), bitsOf(b))
    default:
      return compare(op, a, b)
  }
}
