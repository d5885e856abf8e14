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
  switch (expr.op) {
    case 'number':
      return wasm.constant(expr.value)
    case 'get':
      return read(expr.name)
    case '!':
      return wasm.isZero(printExpression(expr.of, read))
    case '?': {
      const way = isCheap(expr.yes) && isCheap(expr.no) ? wasm.select : wasm.choose
      const [test, yes, no] = [expr.test, expr.yes, expr.no].map(part => printExpression(part, read))
      return way(test!, yes!, no!)
    }
    case '&&':
      if (isCheap(expr.right)) return wasm.and(printBit(expr.left, read), printBit(expr.right, read))
      return wasm.choose(printExpression(expr.left, read), printBit(expr.right, read), wasm.constant(0))
    case '||':
      if (isCheap(expr.right)) return wasm.or(printBit(expr.left, read), printBit(expr.right, read))
      return wasm.choose(printExpression(expr.left, read), wasm.constant(1), printBit(expr.right, read))
    default:
      return OPERATORS[expr.op](printExpression(expr.left, read), printExpression(expr.right, read))
  }
}

/** The code for `expr` as 0 or 1. */
function printBit(expr: Expr, read: Read): Code {
  const code = printExpression(expr, read)
  return isBit(expr) ? code : wasm.ne(code, wasm.constant(0))
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
