import type { BinaryOp, Checked, Expr } from '../../ir/ir.ts'
import { hasTruthOperator } from '../../ir/print.ts'
import { sizeOf } from '../../ir/uses.ts'
import { isWide } from '../../ir/widths.ts'
import { must } from '../../text/at.ts'
import type { Code, Local } from './code.ts'
import * as wasm from './code.ts'
import type { Locals } from './module.ts'

/** Returns the code that reads a name. */
export type Read = (name: string) => Code

/** What expressions need from the code around them. */
export interface ExprContext {
  readonly read: Read
  /** Local variables that checks may use. */
  readonly temporary: Temporary
  /**
   * The code that reports a rejected value. Without it no value is rejected, because earlier code has checked the
   * same.
   */
  readonly trap?: Code
  /** Returns the code that notes that a left side was true. */
  readonly note?: (point: number) => Code
}

/** One local variable of each type, for values that are used at once. */
export class Temporary {
  readonly #locals: Locals
  #narrow: Local | undefined
  #wide: Local | undefined

  constructor(locals: Locals) {
    this.#locals = locals
  }

  get narrow(): Local {
    this.#narrow ??= this.#locals.make()
    return this.#narrow
  }

  get wide(): Local {
    this.#wide ??= this.#locals.makeWide()
    return this.#wide
  }
}

/** Code, and whether its value is a wide number. */
interface Printed {
  readonly code: Code
  readonly isWide: boolean
}

/** It is cheaper to compute an operand of at most this many nodes than to jump around it. */
const CHEAP = 6

type Operator = (left: Code, right: Code) => Code
type Operators = Readonly<Partial<Record<BinaryOp, Operator>>>

const COMPARING: Operators = {
  '==': wasm.eq, '!=': wasm.ne, '<': wasm.lt, '<=': wasm.le, '>': wasm.gt, '>=': wasm.ge,
} // biome-ignore format: a table reads better in rows
const COMPARING_WIDE: Operators = {
  '==': wasm.eqWide, '!=': wasm.neWide, '<': wasm.ltWide, '<=': wasm.leWide, '>': wasm.gtWide, '>=': wasm.geWide,
} // biome-ignore format: a table reads better in rows
const OF_BITS: Operators = { '&': wasm.and, '|': wasm.or, '<<': wasm.shl, '>>': wasm.shr }
const ARITHMETIC: Operators = { '+': wasm.add, '-': wasm.sub, '*': wasm.mul, '%': wasm.rem }
const ARITHMETIC_WIDE: Operators = {
  '+': wasm.addWide, '-': wasm.subWide, '*': wasm.mulWide, '%': wasm.remWide,
} // biome-ignore format: a table reads better in rows

/** Returns the code for `expr` as a 32-bit integer: the last 32 bits of a wide number. */
export function printInteger(expr: Expr, context: ExprContext): Code {
  const { code, isWide } = print(expr, context)
  return isWide ? wasm.narrow(code) : code
}

/** Returns the code for `expr` as a wide number. */
export function printWide(expr: Expr, context: ExprContext): Code {
  const { code, isWide } = print(expr, context)
  return isWide ? code : wasm.widen(code)
}

/** Returns the code for `expr` as a test: any value but 0 is true. */
export function printTest(expr: Expr, context: ExprContext): Code {
  const { code, isWide } = print(expr, context)
  return isWide ? wasm.neWide(code, wasm.wideConstant(0)) : code
}

/** Reports whether the code for `expr` gives a wide number. */
export function isPrintedWide(expr: Expr): boolean {
  switch (expr.op) {
    case 'number':
      return (expr.value | 0) !== expr.value
    case 'get':
      return isWide(expr.name)
    case 'check':
      return expr.kind !== 'store' && expr.kind !== 'index' && isPrintedWide(expr.of)
    case 'note':
      return isPrintedWide(expr.of)
    case '?':
      return isPrintedWide(expr.yes) || isPrintedWide(expr.no)
    default:
      if (!(expr.op in ARITHMETIC)) return false
      return 'left' in expr && (expr.wide === true || isPrintedWide(expr.left) || isPrintedWide(expr.right))
  }
}

function print(expr: Expr, context: ExprContext): Printed {
  switch (expr.op) {
    case 'number':
      return isPrintedWide(expr) ? wide(wasm.wideConstant(expr.value)) : narrow(wasm.constant(expr.value))
    case 'get':
      return { code: context.read(expr.name), isWide: isWide(expr.name) }
    case '!':
      return narrow(wasm.isZero(printTest(expr.of, context)))
    case 'note': {
      const { code, isWide } = print(expr.of, context)
      return { code: [context.note?.(expr.point) ?? wasm.NOTHING, code], isWide }
    }
    case 'check':
      return printCheck(expr, context)
    case '?': {
      const { test, yes, no } = expr
      if (isPrintedWide(expr))
        return wide(
          wasm.chooseWide(printTest(test, context), printWide(yes, context), printWide(no, context)),
        )
      const way = isCheap(yes) && isCheap(no) ? wasm.select : wasm.choose
      return narrow(way(printTest(test, context), printInteger(yes, context), printInteger(no, context)))
    }
    case '&&':
      if (isCheap(expr.right))
        return narrow(wasm.and(printBit(expr.left, context), printBit(expr.right, context)))
      return narrow(
        wasm.choose(printTest(expr.left, context), printBit(expr.right, context), wasm.constant(0)),
      )
    case '||':
      if (isCheap(expr.right))
        return narrow(wasm.or(printBit(expr.left, context), printBit(expr.right, context)))
      return narrow(
        wasm.choose(printTest(expr.left, context), wasm.constant(1), printBit(expr.right, context)),
      )
    default:
      return printBinary(expr, context)
  }
}

const operatorIn = (operators: Operators, op: BinaryOp): Operator =>
  must(operators[op], `WebAssembly's operator ${op}`)

function printBinary(expr: Extract<Expr, { left: Expr }>, context: ExprContext): Printed {
  const { op, left, right } = expr
  const ofBits = OF_BITS[op]
  if (ofBits) return narrow(ofBits(printInteger(left, context), printInteger(right, context)))
  const operandsAreWide = isPrintedWide(left) || isPrintedWide(right)
  const inWide = () => [printWide(left, context), printWide(right, context)] as const
  const inNarrow = () => [printInteger(left, context), printInteger(right, context)] as const
  if (op in COMPARING)
    return narrow(
      operandsAreWide
        ? operatorIn(COMPARING_WIDE, op)(...inWide())
        : operatorIn(COMPARING, op)(...inNarrow()),
    )
  if (operandsAreWide || expr.wide) return wide(operatorIn(ARITHMETIC_WIDE, op)(...inWide()))
  return narrow(operatorIn(ARITHMETIC, op)(...inNarrow()))
}

/** A rejected value ends the search, but not at once. Until then the search goes on with a harmless value. */
function printCheck(expr: Checked, context: ExprContext): Printed {
  const { of, least, most, kind } = expr
  const isWide = isPrintedWide(expr)
  if (context.trap === undefined) return { code: (isWide ? printWide : printInteger)(of, context), isWide }
  const harmless = kind === 'remainder' ? 1 : Math.min(most, Math.max(0, least))
  if (isPrintedWide(of)) {
    const local = context.temporary.wide
    const value = wasm.get(local)
    const passes =
      kind === 'remainder'
        ? wasm.neWide(value, wasm.wideConstant(0))
        : wasm.and(wasm.geWide(value, wasm.wideConstant(least)), wasm.leWide(value, wasm.wideConstant(most)))
    const set = wasm.set(local, printWide(of, context))
    return isWide
      ? wide([set, wasm.chooseWide(passes, value, [context.trap, wasm.wideConstant(harmless)])])
      : narrow([set, wasm.choose(passes, wasm.narrow(value), [context.trap, wasm.constant(harmless)])])
  }
  const local = context.temporary.narrow
  const value = wasm.get(local)
  const passes =
    kind === 'remainder'
      ? wasm.ne(value, wasm.constant(0))
      : wasm.isZero(
          wasm.ltUnsigned(
            wasm.constant(most - least),
            least === 0 ? value : wasm.sub(value, wasm.constant(least)),
          ),
        )
  return narrow([
    wasm.set(local, printInteger(of, context)),
    wasm.choose(passes, value, [context.trap, wasm.constant(harmless)]),
  ])
}

const narrow = (code: Code): Printed => ({ code, isWide: false })
const wide = (code: Code): Printed => ({ code, isWide: true })

/** Returns the code for `expr` as 0 or 1. */
function printBit(expr: Expr, context: ExprContext): Code {
  const { code, isWide } = print(expr, context)
  if (isWide) return wasm.neWide(code, wasm.wideConstant(0))
  return isBit(expr) ? code : wasm.ne(code, wasm.constant(0))
}

/** Reports whether `expr` can only be 0 or 1. */
function isBit(expr: Expr): boolean {
  return hasTruthOperator(expr) || (expr.op === 'number' && (expr.value === 0 || expr.value === 1))
}

/** Reports whether `expr` may be computed where its value is not used: it is short, and has no effect. */
function isCheap(expr: Expr): boolean {
  return sizeOf(expr) <= CHEAP && !acts(expr)
}

/** Reports whether evaluating `expr` may divide by 0, reject a value or note something. */
function acts(expr: Expr): boolean {
  switch (expr.op) {
    case 'number':
    case 'get':
      return false
    case '!':
      return acts(expr.of)
    case 'check':
    case 'note':
      return true
    case '?':
      return acts(expr.test) || acts(expr.yes) || acts(expr.no)
    default:
      return expr.op === '%' || acts(expr.left) || acts(expr.right)
  }
}
