import type { Expr } from '../../../spec/lower/ir.ts'
import { isTruth } from '../../../spec/lower/javascript.ts'
import { sizeOf } from '../uses.ts'
import type { Code } from './code.ts'
import * as wasm from './code.ts'

/** The code that reads a name. */
export type Read = (name: string) => Code

/** Nodes up to which it is cheaper to compute an operand than to jump around it. */
const CHEAP = 6

const OPERATORS = {
  '+': wasm.add,
  '-': wasm.sub,
  '*': wasm.mul,
  '%': wasm.rem,
  '&': wasm.and,
  '|': wasm.or,
  '<<': wasm.shl,
  '>>': wasm.shr,
  '==': wasm.eq,
  '!=': wasm.ne,
  '<': wasm.lt,
  '<=': wasm.le,
  '>': wasm.gt,
  '>=': wasm.ge,
} as const

/** The code for `expr` as an integer. As a test it can be used as it is: what is not 0 is true. */
export function printExpression(expr: Expr, read: Read): Code {
  const print = (of: Expr) => printExpression(of, read)
  const truth = (of: Expr) => (isBit(of) ? print(of) : wasm.ne(print(of), wasm.constant(0)))
  switch (expr.op) {
    case 'number':
      return wasm.constant(expr.value)
    case 'get':
      return read(expr.name)
    case '!':
      return wasm.isZero(print(expr.of))
    case '?': {
      const way = isCheap(expr.yes) && isCheap(expr.no) ? wasm.select : wasm.choose
      return way(print(expr.test), print(expr.yes), print(expr.no))
    }
    case '&&':
      if (isCheap(expr.right)) return wasm.and(truth(expr.left), truth(expr.right))
      return wasm.choose(print(expr.left), truth(expr.right), wasm.constant(0))
    case '||':
      if (isCheap(expr.right)) return wasm.or(truth(expr.left), truth(expr.right))
      return wasm.choose(print(expr.left), wasm.constant(1), truth(expr.right))
    default:
      return OPERATORS[expr.op](print(expr.left), print(expr.right))
  }
}

/** Whether `expr` can only be 0 or 1. */
function isBit(expr: Expr): boolean {
  return isTruth(expr) || (expr.op === 'number' && (expr.value === 0 || expr.value === 1))
}

/** Whether `expr` may be computed where its value is not wanted: it is short and cannot divide by 0. */
function isCheap(expr: Expr): boolean {
  return sizeOf(expr) <= CHEAP && !divides(expr)
}

function divides(expr: Expr): boolean {
  switch (expr.op) {
    case 'number':
    case 'get':
      return false
    case '!':
      return divides(expr.of)
    case '?':
      return divides(expr.test) || divides(expr.yes) || divides(expr.no)
    default:
      return expr.op === '%' || divides(expr.left) || divides(expr.right)
  }
}
