/**
 * Constructors of expressions that fold constants, so that whatever is known during lowering costs nothing at
 * run time.
 */
import type { BinaryOp, Expr } from './ir.ts'

export const number = (value: number): Expr => ({ op: 'number', value })
export const get = (name: string): Expr => ({ op: 'get', name })

export const isNumber = (e: Expr): e is Extract<Expr, { op: 'number' }> => e.op === 'number'

const TRUTH = new Set<Expr['op']>(['!', '==', '!=', '<', '<=', '>', '>='])

/** Reports whether `e` can only be 0 or 1. */
export const isTruth = (e: Expr): boolean => {
  if (e.op === 'number') return e.value === 0 || e.value === 1
  if (e.op === '&&' || e.op === '||') return isTruth(e.left) && isTruth(e.right)
  if (e.op === '?') return isTruth(e.yes) && isTruth(e.no)
  return TRUTH.has(e.op)
}

/** Returns `e` as 0 or 1. */
export const truth = (e: Expr): Expr => (isTruth(e) ? e : binary('!=', e, number(0)))

const compute: Record<BinaryOp, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '%': (a, b) => a % b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '==': (a, b) => +(a === b),
  '!=': (a, b) => +(a !== b),
  '<': (a, b) => +(a < b),
  '<=': (a, b) => +(a <= b),
  '>': (a, b) => +(a > b),
  '>=': (a, b) => +(a >= b),
  '&&': (a, b) => +(a !== 0 && b !== 0),
  '||': (a, b) => +(a !== 0 || b !== 0),
}

/** Computes a binary operator on numbers as the printed code does. */
export const apply = (op: BinaryOp, a: number, b: number): number => compute[op](a, b)

const foldLogic = (op: '&&' | '||', left: Expr, right: Expr): Expr | undefined => {
  const neutral = op === '&&'
  if (isNumber(left)) return (left.value !== 0) === neutral ? truth(right) : number(neutral ? 0 : 1)
  if (isNumber(right) && (right.value !== 0) === neutral) return truth(left)
  if (isNumber(right) && isHarmless(left)) return number(neutral ? 0 : 1)
  return undefined
}

export function binary(op: BinaryOp, left: Expr, right: Expr): Expr {
  if (isNumber(left) && isNumber(right)) return number(apply(op, left.value, right.value))
  if (op === '&&' || op === '||')
    return foldLogic(op, left, right) ?? { op, left: truth(left), right: truth(right) }
  if ((op === '+' || op === '-') && isNumber(right) && right.value === 0) return left
  if (op === '+' && isNumber(left) && left.value === 0) return right
  if (
    op === '&' &&
    [left, right].some(e => isNumber(e) && e.value === 0) &&
    isHarmless(left) &&
    isHarmless(right)
  )
    return number(0)
  if (op === '==' && isTruth(left) && isNumber(right)) {
    if (right.value === 1 && left.op !== 'get') return left
    if (right.value === 0) return not(left)
  }
  if (op === '!=' && isTruth(left) && isNumber(right)) {
    if (right.value === 0) return left
    if (right.value === 1) return not(left)
  }
  return { op, left, right }
}

const INVERSE: Partial<Record<Expr['op'], BinaryOp>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

export function not(of: Expr): Expr {
  if (isNumber(of)) return number(of.value === 0 ? 1 : 0)
  if (of.op === '!') return truth(of.of)
  const inverse = INVERSE[of.op]
  if (inverse) return { ...(of as { left: Expr; right: Expr }), op: inverse }
  return { op: '!', of }
}

export function choose(test: Expr, yes: Expr, no: Expr): Expr {
  if (isNumber(test)) return test.value !== 0 ? yes : no
  if (isNumber(yes) && isNumber(no)) {
    if (yes.value === no.value && isHarmless(test)) return yes
    if (yes.value === 1 && no.value === 0) return truth(test)
    if (yes.value === 0 && no.value === 1) return not(test)
  }
  return { op: '?', test, yes, no }
}

export const all = (es: readonly Expr[]): Expr => es.reduce((a, b) => binary('&&', a, b), number(1))
export const any = (es: readonly Expr[]): Expr => es.reduce((a, b) => binary('||', a, b), number(0))

/** Returns every name that `e` reads. */
export function* namesOf(e: Expr): Generator<string> {
  if (e.op === 'get') yield e.name
  else if (e.op === '!' || e.op === 'check' || e.op === 'note') yield* namesOf(e.of)
  else if (e.op === '?') {
    yield* namesOf(e.test)
    yield* namesOf(e.yes)
    yield* namesOf(e.no)
  } else if (e.op !== 'number') {
    yield* namesOf(e.left)
    yield* namesOf(e.right)
  }
}

/** Reports whether evaluating `e` may reject a value. */
export function mayTrap(e: Expr): boolean {
  switch (e.op) {
    case 'number':
    case 'get':
      return false
    case 'check':
      return true
    case '!':
    case 'note':
      return mayTrap(e.of)
    case '?':
      return mayTrap(e.test) || mayTrap(e.yes) || mayTrap(e.no)
    default:
      return mayTrap(e.left) || mayTrap(e.right)
  }
}

/**
 * Reports whether `e` may be evaluated where its value is not used: it rejects nothing and stays within 2^53.
 */
export function isHarmless(e: Expr): boolean {
  switch (e.op) {
    case 'number':
    case 'get':
      return true
    case 'check':
      return false
    case '!':
    case 'note':
      return isHarmless(e.of)
    case '?':
      return isHarmless(e.test) && isHarmless(e.yes) && isHarmless(e.no)
    default:
      return e.op !== '*' && isHarmless(e.left) && isHarmless(e.right)
  }
}
