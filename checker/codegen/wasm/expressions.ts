import type { BinaryOp, Checked, Expr } from '../../ir/ir.ts'
import { hasTruthOperator } from '../../ir/print.ts'
import { sizeOf } from '../../ir/uses.ts'
import { isWide } from '../../ir/wide.ts'
import { must } from '../../text/at.ts'
import type { Code, Local } from './code.ts'
import * as wasm from './code.ts'
import type { Locals } from './module.ts'

/** The code that reads a name. */
export type Read = (name: string) => Code

/** What expressions need of the code around them. */
export interface Words {
  readonly read: Read
  /** Local variables that checks may use. */
  readonly temporary: Temporary
  /** The code that notes a refused value. Without it none is, because all that can be refused was before. */
  readonly trap?: Code
  /** The code that notes that a left side was true. */
  readonly note?: (point: number) => Code
}

/** A local variable of each type, for values that are used at once. */
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

/** Nodes up to which it is cheaper to compute an operand than to jump around it. */
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

/** The code for `expr` as an integer of 32 bits: of a wide number, its last 32. */
export function printInteger(expr: Expr, words: Words): Code {
  const { code, isWide } = print(expr, words)
  return isWide ? wasm.narrow(code) : code
}

/** The code for `expr` as a wide number. */
export function printWide(expr: Expr, words: Words): Code {
  const { code, isWide } = print(expr, words)
  return isWide ? code : wasm.widen(code)
}

/** The code for `expr` as a test: what is not 0 is true. */
export function printTest(expr: Expr, words: Words): Code {
  const { code, isWide } = print(expr, words)
  return isWide ? wasm.neWide(code, wasm.wideConstant(0)) : code
}

/** Whether the value of `expr` is printed as a wide number. */
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

function print(expr: Expr, words: Words): Printed {
  switch (expr.op) {
    case 'number':
      return isPrintedWide(expr) ? wide(wasm.wideConstant(expr.value)) : narrow(wasm.constant(expr.value))
    case 'get':
      return { code: words.read(expr.name), isWide: isWide(expr.name) }
    case '!':
      return narrow(wasm.isZero(printTest(expr.of, words)))
    case 'note': {
      const { code, isWide } = print(expr.of, words)
      return { code: [words.note?.(expr.point) ?? wasm.NOTHING, code], isWide }
    }
    case 'check':
      return printCheck(expr, words)
    case '?': {
      const { test, yes, no } = expr
      if (isPrintedWide(expr))
        return wide(wasm.chooseWide(printTest(test, words), printWide(yes, words), printWide(no, words)))
      const way = isCheap(yes) && isCheap(no) ? wasm.select : wasm.choose
      return narrow(way(printTest(test, words), printInteger(yes, words), printInteger(no, words)))
    }
    case '&&':
      if (isCheap(expr.right))
        return narrow(wasm.and(printBit(expr.left, words), printBit(expr.right, words)))
      return narrow(wasm.choose(printTest(expr.left, words), printBit(expr.right, words), wasm.constant(0)))
    case '||':
      if (isCheap(expr.right)) return narrow(wasm.or(printBit(expr.left, words), printBit(expr.right, words)))
      return narrow(wasm.choose(printTest(expr.left, words), wasm.constant(1), printBit(expr.right, words)))
    default:
      return printBinary(expr, words)
  }
}

const operatorIn = (operators: Operators, op: BinaryOp): Operator =>
  must(operators[op], `WebAssembly's operator ${op}`)

function printBinary(expr: Extract<Expr, { left: Expr }>, words: Words): Printed {
  const { op, left, right } = expr
  const ofBits = OF_BITS[op]
  if (ofBits) return narrow(ofBits(printInteger(left, words), printInteger(right, words)))
  const operandsAreWide = isPrintedWide(left) || isPrintedWide(right)
  const inWide = () => [printWide(left, words), printWide(right, words)] as const
  const inNarrow = () => [printInteger(left, words), printInteger(right, words)] as const
  if (op in COMPARING)
    return narrow(
      operandsAreWide
        ? operatorIn(COMPARING_WIDE, op)(...inWide())
        : operatorIn(COMPARING, op)(...inNarrow()),
    )
  if (operandsAreWide || expr.wide) return wide(operatorIn(ARITHMETIC_WIDE, op)(...inWide()))
  return narrow(operatorIn(ARITHMETIC, op)(...inNarrow()))
}

/** Where a value is refused the search ends, but not at once: it goes on with one that does no harm. */
function printCheck(expr: Checked, words: Words): Printed {
  const { of, least, most, kind } = expr
  const isWide = isPrintedWide(expr)
  if (words.trap === undefined) return { code: (isWide ? printWide : printInteger)(of, words), isWide }
  const harmless = kind === 'remainder' ? 1 : Math.min(most, Math.max(0, least))
  if (isPrintedWide(of)) {
    const local = words.temporary.wide
    const value = wasm.get(local)
    const passes =
      kind === 'remainder'
        ? wasm.neWide(value, wasm.wideConstant(0))
        : wasm.and(wasm.geWide(value, wasm.wideConstant(least)), wasm.leWide(value, wasm.wideConstant(most)))
    const set = wasm.set(local, printWide(of, words))
    return isWide
      ? wide([set, wasm.chooseWide(passes, value, [words.trap, wasm.wideConstant(harmless)])])
      : narrow([set, wasm.choose(passes, wasm.narrow(value), [words.trap, wasm.constant(harmless)])])
  }
  const local = words.temporary.narrow
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
    wasm.set(local, printInteger(of, words)),
    wasm.choose(passes, value, [words.trap, wasm.constant(harmless)]),
  ])
}

const narrow = (code: Code): Printed => ({ code, isWide: false })
const wide = (code: Code): Printed => ({ code, isWide: true })

/** The code for `expr` as 0 or 1. */
function printBit(expr: Expr, words: Words): Code {
  const { code, isWide } = print(expr, words)
  if (isWide) return wasm.neWide(code, wasm.wideConstant(0))
  return isBit(expr) ? code : wasm.ne(code, wasm.constant(0))
}

/** Whether `expr` can only be 0 or 1. */
function isBit(expr: Expr): boolean {
  return hasTruthOperator(expr) || (expr.op === 'number' && (expr.value === 0 || expr.value === 1))
}

/** Whether `expr` may be computed where its value is not wanted: it is short, and does nothing but compute. */
function isCheap(expr: Expr): boolean {
  return sizeOf(expr) <= CHEAP && !acts(expr)
}

/** Whether evaluating `expr` may divide by 0, refuse a value or note something. */
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
