import type { Expr, Stmt } from '../../ir/ir.ts'
import { bodiesOf, valuesOf } from '../../ir/statement.ts'
import { isWide } from '../../ir/widths.ts'
import type { Code, Local } from './code.ts'
import * as wasm from './code.ts'
import { isPrintedWide, printInteger, Temporary } from './expressions.ts'
import type { Module } from './module.ts'
import { type Condition, printStatements } from './statements.ts'

/** How the body that contains the statements uses names. */
export interface NameUses {
  /** Reports whether all uses of a name stand within one of the lists of statements of `stmt`. */
  readonly isWithin: (name: string, stmt: Condition) => boolean
  readonly place: (name: string) => Local
}

/** A condition with its names numbered: conditions with the same key do the same to other names. */
interface Shape {
  readonly key: string
  /** The names that it begins with, and those of them that it may store to. */
  readonly given: readonly string[]
  readonly stored: readonly string[]
}

/**
 * How often a shape must stand in a body to become a function, and the least and greatest number of its
 * statements.
 */
const OFTEN = 3
const LEAST = 6
const MOST = 60

/**
 * Makes functions of statements that bodies repeat. A machine's effects are replaced by the same statements
 * wherever they occur, so most of a rule that takes any step of a machine puts packets into the network.
 * Without these functions that code would be compiled a hundred times.
 */
export class Repeats {
  readonly #module: Module
  readonly #functions = new Map<string, number>()

  constructor(module: Module) {
    this.#module = module
  }

  /**
   * Returns a function that gives, for a condition of `body` that is repeated, the call that does the same.
   */
  in(body: readonly Stmt[], around: NameUses): (stmt: Condition) => Code | undefined {
    const shapes = new Map<Condition, Shape>()
    const counts = new Map<string, number>()
    for (const stmt of new Candidates(body).likely()) {
      const shape = shapeOf(stmt, around)
      if (shape === undefined) continue
      shapes.set(stmt, shape)
      counts.set(shape.key, (counts.get(shape.key) ?? 0) + 1)
    }
    return stmt => {
      const shape = shapes.get(stmt)
      if (shape === undefined || (counts.get(shape.key) ?? 0) < OFTEN) return undefined
      const { given, stored } = shape
      return [
        wasm.call(this.#function(stmt, shape), ...given.map(name => wasm.get(around.place(name)))),
        stored.toReversed().map(name => wasm.set(around.place(name), wasm.NOTHING)),
      ]
    }
  }

  #function(stmt: Condition, { key, given, stored }: Shape): number {
    const known = this.#functions.get(key)
    if (known !== undefined) return known
    const made = this.#module.define(given.length, stored.length, (locals, params) => {
      const places = new Map(given.map((name, index) => [name, params[index]]))
      const place = (name: string) => {
        const local = places.get(name) ?? locals.make()
        places.set(name, local)
        return local
      }
      const temporary = new Temporary(locals)
      const body = printStatements([stmt], {
        read: name => wasm.get(place(name)),
        store: (name, value) =>
          wasm.set(place(name), printInteger(value, { read: one => wasm.get(place(one)), temporary })),
        temporary,
        cover: () => wasm.NOTHING,
        emit: () => wasm.NOTHING,
        enter: () => {},
        leave: () => {},
      })
      return [body, stored.map(name => wasm.get(place(name)))]
    })
    this.#functions.set(key, made)
    return made
  }
}

/** The conditions of a body that are large enough, each with a number that those of the same shape share. */
class Candidates {
  readonly #forms = new Map<Condition, number>()
  #statements = 0

  constructor(body: readonly Stmt[]) {
    this.#formOf(body)
  }

  /**
   * Returns the conditions that may be repeated. Most are not, and it takes longer to describe their shapes
   * than to print them.
   */
  likely(): readonly Condition[] {
    const counts = new Map<number, number>()
    for (const form of this.#forms.values()) counts.set(form, (counts.get(form) ?? 0) + 1)
    return [...this.#forms].filter(([, form]) => (counts.get(form) ?? 0) >= OFTEN).map(([stmt]) => stmt)
  }

  #formOf(body: readonly Stmt[]): number {
    let form = 0
    for (const stmt of body) {
      const before = this.#statements++
      let own = stmt.do.length
      for (const value of valuesOf(stmt)) own = mix(own, formOfExpression(value))
      for (const inner of bodiesOf(stmt)) own = mix(own, this.#formOf(inner))
      const size = this.#statements - before
      if (stmt.do === 'if' && size >= LEAST && size <= MOST) this.#forms.set(stmt, own)
      form = mix(form, own)
    }
    return form
  }
}

function formOfExpression(expr: Expr): number {
  switch (expr.op) {
    case 'number':
      return expr.value
    case 'get':
      return -1
    case '!':
    case 'check':
    case 'note':
      return mix(expr.op.length, formOfExpression(expr.of))
    case '?':
      return mix(mix(formOfExpression(expr.test), formOfExpression(expr.yes)), formOfExpression(expr.no))
    default:
      return mix(mix(expr.op.charCodeAt(0), formOfExpression(expr.left)), formOfExpression(expr.right))
  }
}

function mix(one: number, other: number): number {
  return (Math.imul(one, 31) + other) | 0
}

/** Reports whether an expression rejects nothing, notes nothing and needs at most 32 bits. */
function onlyComputes(expr: Expr): boolean {
  switch (expr.op) {
    case 'number':
    case 'get':
      return !isPrintedWide(expr)
    case '!':
      return onlyComputes(expr.of)
    case 'check':
    case 'note':
      return false
    case '?':
      return onlyComputes(expr.test) && onlyComputes(expr.yes) && onlyComputes(expr.no)
    default:
      return !expr.wide && onlyComputes(expr.left) && onlyComputes(expr.right)
  }
}

/** Returns undefined if `stmt` does more than store values that fit. */
function shapeOf(stmt: Condition, { isWithin }: NameUses): Shape | undefined {
  const numbers = new Map<string, string>()
  const given: string[] = []
  const stored = new Set<string>()
  let isPlain = true
  const numbered = (name: string): string => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    const isOwn = isWithin(name, stmt)
    if (!isOwn) given.push(name)
    const number = `${isOwn ? 'o' : 'g'}${numbers.size}`
    numbers.set(name, number)
    return number
  }
  const text = (list: readonly Stmt[]): string => list.map(each => textOf(each)).join(' ')
  const textOf = (each: Stmt): string => {
    isPlain &&= valuesOf(each).every(onlyComputes)
    const values = valuesOf(each).map(value => textOfExpression(value, numbered))
    if (each.do === 'set') {
      if (!isWithin(each.name, stmt)) stored.add(each.name)
      isPlain &&= !isWide(each.name)
      return `${numbered(each.name)}=${values}`
    }
    isPlain &&= each.do === 'if'
    return `${each.do} ${values}{${bodiesOf(each).map(text).join('}{')}}`
  }
  const key = textOf(stmt)
  return isPlain ? { key, given, stored: given.filter(name => stored.has(name)) } : undefined
}

function textOfExpression(expr: Expr, numbered: (name: string) => string): string {
  const text = (part: Expr) => textOfExpression(part, numbered)
  switch (expr.op) {
    case 'number':
      return String(expr.value)
    case 'get':
      return numbered(expr.name)
    case '!':
    case 'check':
    case 'note':
      return `${expr.op}${text(expr.of)}`
    case '?':
      return `(${text(expr.test)}?${text(expr.yes)}:${text(expr.no)})`
    default:
      return `(${text(expr.left)}${expr.op}${text(expr.right)})`
  }
}
