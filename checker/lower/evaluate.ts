/**
 * Partial evaluation of the discipline's JavaScript. Known values are computed now; others become expressions
 * or statements of the intermediate form. Functions are inlined, and loops over known ranges are unrolled.
 *
 * A truth value is 0 or 1 here, and every value has a sort. Where JavaScript distinguishes `true` from 1, the
 * discipline is narrower: numbers are compared with numbers and truth values with truth values, and registers,
 * fields and indices hold numbers, so a stored value is written `test ? 1 : 0`.
 */
import type * as acorn from 'acorn'
import { number, truth } from '../ir/expression.ts'
import type { Checked, Expr, Stmt } from '../ir/ir.ts'
import { dependsOn, Emitter, isLong, storedBy } from './emitter.ts'
import { LowerError } from './errors.ts'
import { AT, evaluate, memberOf } from './expressions.ts'
import type { Memory } from './memory.ts'
import { isTooLong, type Size } from './size.ts'
import { type Callable, isCallable, type Node, sourceOf } from './source.ts'
import { execute } from './statements.ts'
import {
  type Closure,
  describe,
  type Env,
  isPlace,
  LocalScope,
  member,
  sortOf,
  truthValue,
  UNKNOWN,
  type Value,
} from './value.ts'

/**
 * Named constants and helper functions that lowered sources may use: numbers, strings, arrays, objects,
 * functions.
 */
export type Scope = Readonly<Record<string, unknown>>

/** The deepest nesting of calls. Machines and worlds are flat, so a deeper nesting is recursion. */
const MAX_DEPTH = 60

/** Expressions inside of each other, those of the functions that they call included: reading them is recursive. */
const MAX_NESTING = 500

export class Evaluator extends Emitter {
  /** Names that every function sees. */
  readonly global: Env
  /** The source that the offsets of nodes refer to. */
  private text = ''
  private depth = 0
  private nesting = 0
  /** Whether the lowered code must record which path through a statement has returned. */
  tracksReturns = false

  private readonly scopes = new Map<Scope, Env>()

  constructor(
    where: string,
    scope: Scope,
    builtins: Readonly<Record<string, Value>> = {},
    size?: Size,
    memory?: Memory,
  ) {
    super(where, size, memory)
    this.global = this.namesOf(scope, builtins)
  }

  private namesOf(scope: Scope, builtins: Readonly<Record<string, Value>> = {}): Env {
    const lifted = new Map<string, Value>()
    const env: Env = {
      find: name => {
        if (Object.hasOwn(builtins, name)) return builtins[name]
        if (!lifted.has(name)) {
          if (Object.hasOwn(scope, name)) lifted.set(name, this.lift(scope[name], name, env))
          else if (name === 'at') lifted.set(name, AT)
          else return UNKNOWN
        }
        return lifted.get(name)
      },
    }
    return env
  }

  /**
   * Returns the names of another scope, such as that of a machine. Its functions see these names and no others.
   */
  scopeOf(scope: Scope): Env {
    const known = this.scopes.get(scope)
    if (known) return known
    const made = this.namesOf(scope)
    this.scopes.set(scope, made)
    return made
  }

  /** Converts a JavaScript value to a value of lowering. Functions in it see the names of `env`. */
  lift(js: unknown, name: string, env = this.global): Value {
    if (typeof js === 'number' && !Number.isSafeInteger(js))
      throw new LowerError(
        'LOWER_TYPE',
        this.where,
        `'${name}' is ${js}; numbers are whole, and exact up to 2^53 only`,
      )
    if (typeof js === 'number' || typeof js === 'string' || js === undefined) return js
    if (typeof js === 'boolean') return truthValue(js)
    if (isCallable(js)) return this.closure(js, name, env)
    if (Array.isArray(js))
      return { kind: 'list', items: js.map((item, i) => this.lift(item, `${name}[${i}]`, env)) }
    if (typeof js === 'object' && js !== null)
      return {
        kind: 'record',
        fields: Object.fromEntries(
          Object.entries(js).map(([k, v]) => [k, this.lift(v, `${name}.${k}`, env)]),
        ),
      }
    throw new LowerError(
      'LOWER_TYPE',
      this.where,
      `'${name}' is a ${typeof js}; scopes hold numbers, strings, lists, records and functions`,
    )
  }

  closure(fn: Callable, name: string, env = this.global): Closure {
    return {
      kind: 'closure',
      source: sourceOf(fn, `${this.where}, function ${name}`),
      env,
      name,
    }
  }

  value(e: Node, env: Env): Value {
    this.size.read()
    if (++this.nesting > MAX_NESTING) throw this.tooLong(e)
    const value = evaluate(this, e, env)
    this.nesting--
    const isLong = typeof value === 'object' && value.kind === 'dynamic' && isTooLong(value.expr)
    if (isLong || this.size.isOver) throw this.tooLong(e)
    return value
  }

  private tooLong(node: Node): LowerError {
    const remedy = 'use fewer rounds or arguments, and a const for what is used twice'
    return this.reject('LOWER_SIZE', `this is too long when loops and calls are written out: ${remedy}`, node)
  }

  /** Returns the number that `value` is or will be. */
  expr(value: Value, what = 'this', node?: Node): Expr {
    if (typeof value === 'number') return number(value)
    if (typeof value === 'object' && value.kind === 'dynamic') return value.expr
    throw this.reject('LOWER_TYPE', `${what} must be a number, and is ${describe(value)}`, node)
  }

  /** The number that `value` is or will be, where JavaScript would tell true or false from it. Throws LOWER_TYPE. */
  plainNumber(value: Value, what: string, node?: Node): Expr {
    if (sortOf(value) === 'number') return this.expr(value, what, node)
    throw this.reject('LOWER_TYPE', `${what} is a number, not true or false; write test ? 1 : 0`, node)
  }

  /** Throws LOWER_TYPE where a field of `record` is true or false, which a machine's functions would tell from 1 and 0. */
  assertNumbers(record: Value, what: string): void {
    if (typeof record !== 'object' || record.kind !== 'record') return
    for (const [name, value] of Object.entries(record.fields))
      if (sortOf(value) !== 'number') this.plainNumber(value, `the ${what} '${name}'`)
  }

  truth(value: Value, node?: Node): Expr {
    if (value === undefined || typeof value === 'string')
      throw this.reject('LOWER_TYPE', `a condition is needed, not ${describe(value)}`, node)
    return truth(this.expr(value, 'a condition', node))
  }

  known(value: Value, node?: Node): number {
    const expr = this.expr(value, 'this', node)
    if (expr.op === 'number') return expr.value
    throw this.reject('LOWER_TYPE', 'this must be known when lowering', node)
  }

  /** Returns the item at an index that only the running step knows. */
  index(value: Value, items: readonly unknown[], node: Node): Checked {
    const of = this.plainNumber(value, 'an index', node)
    if (items.length === 0) throw this.reject('LOWER_RANGE', 'an empty list has no items', node)
    const source = this.textOf(node)
    return { op: 'check', kind: 'index', of, least: 0, most: items.length - 1, where: this.where, source }
  }

  /** Checks that a number is exact in JavaScript. */
  exact(value: Value, node: Node): Value {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    throw this.reject('LOWER_RANGE', `this is ${value}; numbers are whole, and exact up to 2^53 only`, node)
  }

  /** Returns the items of a value of known length. */
  items(value: Value, node?: Node): readonly Value[] {
    if (typeof value === 'object' && value.kind === 'list') return value.items
    if (isPlace(value) && Array.isArray(value.shape)) return value.shape.map((_, i) => member(value, i))
    throw this.reject('LOWER_TYPE', `a list of known length is needed, not ${describe(value)}`, node)
  }

  /** Evaluates `body`, which may compute but change nothing. Returns its value and its locals. */
  look<T>(
    what: string,
    body: () => T,
    source = this.text,
  ): { readonly value: T; readonly locals: readonly Stmt[] } {
    const since = this.now
    let value!: T
    const locals = this.collect(() => {
      value = body()
    })
    const change = this.changes(locals, since)
    if (change !== undefined)
      throw new LowerError(
        'LOWER_SYNTAX',
        this.where,
        `${what} only looks and computes; this one changes '${change}'`,
        source,
      )
    this.append(locals)
    return { value, locals }
  }

  /** Calls a function of the discipline. */
  call(fn: Value, args: readonly Value[], what = 'this'): Value {
    if (typeof fn === 'object' && fn.kind === 'builtin') return fn.call(args)
    if (typeof fn !== 'object' || fn.kind !== 'closure')
      throw this.reject('LOWER_TYPE', `${what} is ${describe(fn)} instead of a function`)
    if (this.depth > MAX_DEPTH)
      throw this.reject(
        'LOWER_LOOP',
        `calls of '${fn.name}' nest more than ${MAX_DEPTH} deep; recursion has no end here`,
      )
    const outerText = this.text
    this.text = fn.source.text
    this.depth++
    try {
      return this.body(fn, args)
    } finally {
      this.text = outerText
      this.depth--
    }
  }

  private body(fn: Closure, args: readonly Value[]): Value {
    const { body } = fn.source
    if (body.type === 'BlockStatement') return this.execute(fn, body as acorn.BlockStatement, args)
    let found: Value
    const emitted = this.collect(() => {
      found = this.value(body, this.locals(fn, args, false))
    })
    const stored = storedBy(emitted)
    // The expression repeats the argument's text. A local holds the argument instead if the expression stores
    // what the argument reads, or if the argument is long.
    if (args.some(arg => dependsOn(arg, stored) || (this.mayHold && isLong(arg))))
      return this.value(body, this.locals(fn, args, true))
    this.append(emitted)
    return found
  }

  private execute(fn: Closure, body: acorn.BlockStatement, args: readonly Value[]): Value {
    const outer = this.tracksReturns
    this.tracksReturns = false
    const { returned, value, isBare } = execute(this, body.body, this.locals(fn, args, true))
    this.tracksReturns = outer
    if (value !== undefined && (isBare || returned !== 'always'))
      throw this.reject('LOWER_SYNTAX', 'a function that returns a value returns one on every way', body)
    return value
  }

  private locals(fn: Closure, args: readonly Value[], hold: boolean): LocalScope {
    const locals = new LocalScope(fn.env)
    fn.source.params.forEach((param, i) => {
      this.bind(locals, param, args[i], hold)
    })
    return locals
  }

  /** Binds the names of `pattern` to `value` or its parts. With `hold`, later stores do not affect them. */
  bind(locals: LocalScope, pattern: acorn.Pattern, value: Value, hold: boolean): void {
    if (pattern.type === 'Identifier') {
      locals.names.set(pattern.name, hold ? this.hold(pattern.name, value) : value)
      return
    }
    if (pattern.type !== 'ObjectPattern')
      throw this.reject('LOWER_SYNTAX', 'parameters are names or {names}', pattern)
    for (const p of pattern.properties) {
      if (p.type !== 'Property' || p.computed || p.key.type !== 'Identifier')
        throw this.reject('LOWER_SYNTAX', 'take apart by plain names only', p)
      if (p.value.type === 'AssignmentPattern')
        throw this.reject('LOWER_SYNTAX', 'parameters have no defaults', p.value)
      this.bind(locals, p.value, memberOf(this, value, p.key.name, p), hold)
    }
  }

  textOf(node: Node): string {
    return this.text.slice(node.start, node.end)
  }

  /** Returns the text around nodes, for functions that are written inside others. */
  get sourceText(): string {
    return this.text
  }

  reject(code: LowerError['code'], message: string, node?: Node): LowerError {
    return new LowerError(code, this.where, message, node ? this.textOf(node) : this.text)
  }
}
