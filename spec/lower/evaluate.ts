/**
 * Partial evaluation of the discipline's JavaScript: what is known is computed now, what is not becomes an expression
 * or a statement of the intermediate form. Functions are inlined, loops over known ranges unrolled.
 */
import type * as acorn from 'acorn'
import { LowerError } from './errors.ts'
import { any, binary, choose, all as every, get, not, number, truth } from './expression.ts'
import type { BinaryOp, Expr, Stmt } from './ir.ts'
import { type Node, type Source, sourceOf } from './source.ts'
import {
  type Closure,
  dynamic,
  type Env,
  type List,
  member,
  type Place,
  select,
  UNKNOWN,
  type Value,
} from './value.ts'

/** Named constants and helper functions that lowered sources may use: plain numbers, strings, arrays, objects, functions. */
export type Scope = Readonly<Record<string, unknown>>

const OPERATORS: Record<string, BinaryOp> = {
  '+': '+', '-': '-', '*': '*', '%': '%', '&': '&', '|': '|', '<<': '<<', '>>': '>>', '>>>': '>>',
  '===': '==', '!==': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=',
} // biome-ignore format: a table reads better in rows

/** A test runner may import a module under a name like this and call through it; the member is the name as written. */
const MODULE_OBJECT = /^__vi(te_ssr_)?_?import_\d+__$/

/** A frame of local names over an outer one. */
class Frame implements Env {
  readonly names = new Map<string, Value>()
  readonly outer: Env
  constructor(outer: Env) {
    this.outer = outer
  }
  find(name: string): Value | { readonly unknown: true } {
    return this.names.has(name) ? this.names.get(name) : this.outer.find(name)
  }
}

/** The outcome of executing statements: whether they returned, and what. */
interface Outcome {
  readonly returned: boolean
  readonly value: Value
}
const GOES_ON: Outcome = { returned: false, value: undefined }

export class Evaluator {
  /** Names the rule, guard or action under evaluation, for errors. */
  where: string
  private block: Stmt[] = []
  private readonly global: Env
  private readonly stable = new Set<string>()
  private locals = 0
  private text = ''
  private depth = 0

  constructor(where: string, scope: Scope, builtins: Readonly<Record<string, Value>> = {}) {
    this.where = where
    const cache = new Map<string, Value>()
    this.global = {
      find: name => {
        if (name in builtins) return builtins[name]
        if (!cache.has(name)) {
          if (!Object.hasOwn(scope, name)) return UNKNOWN
          cache.set(name, this.lift(scope[name], name))
        }
        return cache.get(name)
      },
    }
  }

  /** A JavaScript value as a value of lowering. */
  lift(js: unknown, name: string): Value {
    if (typeof js === 'number' || typeof js === 'string' || js === undefined) return js
    if (typeof js === 'boolean') return +js
    if (typeof js === 'function') return this.closure(js as never, name)
    if (Array.isArray(js))
      return { kind: 'list', items: js.map((item, i) => this.lift(item, `${name}[${i}]`)) }
    if (typeof js === 'object' && js !== null)
      return {
        kind: 'record',
        fields: Object.fromEntries(Object.entries(js).map(([k, v]) => [k, this.lift(v, `${name}.${k}`)])),
      }
    throw new LowerError(
      'LOWER_TYPE',
      this.where,
      `'${name}' is a ${typeof js}; scopes hold numbers, strings, lists, records and functions`,
    )
  }

  closure(fn: (...args: never[]) => unknown, name: string): Closure {
    return {
      kind: 'closure',
      source: sourceOf(fn, `${this.where}, function ${name}`),
      env: this.global,
      name,
    }
  }

  /** Statements that `body` emits, apart from those around it. */
  collect(body: () => void): Stmt[] {
    const outer = this.block
    this.block = []
    try {
      body()
      return this.block
    } finally {
      this.block = outer
    }
  }

  emit(stmt: Stmt): void {
    this.block.push(stmt)
  }

  set(name: string, value: Expr): void {
    if (value.op === 'get' && value.name === name) return
    this.emit({ do: 'set', name, value })
  }

  /** `if`, with a test that is known decided now. */
  branch(test: Expr, yes: () => void, no: () => void): void {
    if (test.op === 'number') {
      if (test.value !== 0) yes()
      else no()
      return
    }
    const then = this.collect(yes)
    const otherwise = this.collect(no)
    if (then.length === 0 && otherwise.length === 0) return
    if (then.length === 0) this.emit({ do: 'if', test: not(test), yes: otherwise, no: [] })
    else this.emit({ do: 'if', test, yes: then, no: otherwise })
  }

  /** A new local that holds `value` from here on. */
  local(name: string, value: Expr, constant = true): string {
    const local = `${name}_${this.locals++}`
    if (constant) this.stable.add(local)
    this.emit({ do: 'set', name: local, value })
    return local
  }

  /** `value`, unaffected by whatever is stored later. */
  hold(name: string, value: Value): Value {
    if (value === undefined || typeof value !== 'object') return value
    if (value.kind === 'record')
      return {
        kind: 'record',
        fields: Object.fromEntries(Object.entries(value.fields).map(([k, v]) => [k, this.hold(k, v)])),
      }
    if (value.kind !== 'dynamic') return value
    if (value.expr.op === 'get' && this.stable.has(value.expr.name)) return value
    return dynamic(get(this.local(name, value.expr)))
  }

  /** The number that `value` is or will be. */
  expr(value: Value, what = 'this'): Expr {
    if (typeof value === 'number') return number(value)
    if (typeof value === 'object' && value.kind === 'dynamic') return value.expr
    throw this.refuse('LOWER_TYPE', `${what} must be a number, and is ${describe(value)}`)
  }

  /** Calls a function of the discipline. */
  call(fn: Value, args: readonly Value[], what = 'this'): Value {
    if (typeof fn === 'object' && fn.kind === 'builtin') return fn.call(args)
    if (typeof fn !== 'object' || fn.kind !== 'closure')
      throw this.refuse('LOWER_TYPE', `${what} is no function but ${describe(fn)}`)
    if (this.depth > 60)
      throw this.refuse(
        'LOWER_LOOP',
        `calls of '${fn.name}' nest more than 60 deep; recursion has no end here`,
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
    const frame = new Frame(fn.env)
    const isBlock = fn.source.body.type === 'BlockStatement'
    fn.source.params.forEach((param, i) => {
      this.bind(frame, param, isBlock ? this.hold('arg', args[i]) : args[i])
    })
    if (!isBlock) return this.value(fn.source.body, frame)
    return this.statements((fn.source.body as acorn.BlockStatement).body, frame).value
  }

  private bind(frame: Frame, pattern: acorn.Pattern, value: Value): void {
    if (pattern.type === 'Identifier') {
      frame.names.set(pattern.name, value)
      return
    }
    if (pattern.type !== 'ObjectPattern')
      throw this.refuse('LOWER_SYNTAX', 'parameters are names or {names}', pattern)
    for (const p of pattern.properties) {
      if (p.type !== 'Property' || p.computed || p.key.type !== 'Identifier')
        throw this.refuse('LOWER_SYNTAX', 'take apart by plain names only', p)
      this.bind(frame, p.value, this.memberOf(value, p.key.name, p))
    }
  }

  // --- statements

  private statements(list: readonly Node[], env: Frame): Outcome {
    for (let i = 0; i < list.length; i++) {
      const s = list[i] as acorn.Statement
      if (s.type === 'IfStatement') return this.ifStatement(s, list.slice(i + 1), env)
      const outcome = this.statement(s, env)
      if (outcome.returned) return outcome
    }
    return GOES_ON
  }

  private statement(s: acorn.Statement, env: Frame): Outcome {
    switch (s.type) {
      case 'ReturnStatement':
        return { returned: true, value: s.argument ? this.value(s.argument, env) : undefined }
      case 'BlockStatement':
        return this.statements(s.body, new Frame(env))
      case 'IfStatement':
        return this.ifStatement(s, [], env)
      case 'ExpressionStatement':
        this.effect(s.expression, env)
        return GOES_ON
      case 'VariableDeclaration':
        for (const d of s.declarations) this.declaration(s.kind, d, env)
        return GOES_ON
      case 'ForOfStatement':
        return this.forOf(s, env)
      case 'ForStatement':
        return this.forCount(s, env)
      case 'EmptyStatement':
        return GOES_ON
      default:
        throw this.refuse('LOWER_SYNTAX', `a ${s.type} is not part of the discipline`, s)
    }
  }

  /** What follows an `if` that may return is executed inside its branches, once each. */
  private ifStatement(s: acorn.IfStatement, rest: readonly Node[], env: Frame): Outcome {
    const test = this.truth(this.value(s.test, env), s.test)
    const alternate = s.alternate ? [s.alternate] : []
    if (test.op === 'number')
      return this.statements([...(test.value !== 0 ? [s.consequent] : alternate), ...rest], env)
    if (!returns(s.consequent) && !alternate.some(returns)) {
      this.branch(
        test,
        () => void this.statement(s.consequent, env),
        () => void this.statements(alternate, env),
      )
      return this.statements(rest, env)
    }
    let result: string | undefined
    const run = (list: readonly Node[]) => () => {
      const { value } = this.statements(list, new Frame(env))
      if (value === undefined) return
      if (result === undefined) result = `result_${this.locals++}`
      this.emit({ do: 'set', name: result, value: this.expr(value, 'a returned value') })
    }
    this.branch(test, run([s.consequent, ...rest]), run([...alternate, ...rest]))
    return { returned: true, value: result === undefined ? undefined : dynamic(get(result)) }
  }

  private declaration(kind: string, d: acorn.VariableDeclarator, env: Frame): void {
    const value = d.init ? this.value(d.init, env) : 0
    if (kind === 'const') {
      this.bind(env, d.id, this.hold(d.id.type === 'Identifier' ? d.id.name : 'part', value))
      return
    }
    if (d.id.type !== 'Identifier') throw this.refuse('LOWER_SYNTAX', '`let` takes a plain name', d)
    env.names.set(d.id.name, {
      kind: 'dynamic',
      expr: get(this.local(d.id.name, this.expr(value, d.id.name), false)),
    })
  }

  private forOf(s: acorn.ForOfStatement, env: Frame): Outcome {
    if (s.left.type !== 'VariableDeclaration')
      throw this.refuse('LOWER_SYNTAX', 'write for (const x of ...)', s)
    const pattern = s.left.declarations[0]!.id
    for (const item of this.items(this.value(s.right, env), s.right)) {
      const frame = new Frame(env)
      this.bind(frame, pattern, item)
      if (this.statements([s.body], frame).returned)
        throw this.refuse('LOWER_SYNTAX', 'return out of a loop: use some() or a flag', s)
    }
    return GOES_ON
  }

  private forCount(s: acorn.ForStatement, env: Frame): Outcome {
    const d = s.init?.type === 'VariableDeclaration' ? s.init.declarations[0] : undefined
    if (!d?.init || d.id.type !== 'Identifier' || !s.test || s.update?.type !== 'UpdateExpression')
      throw this.refuse('LOWER_SYNTAX', 'write for (let i = 0; i < N; i++) with a known N', s)
    const frame = new Frame(env)
    frame.names.set(d.id.name, this.value(d.init, env))
    for (let rounds = 0; this.known(this.value(s.test, frame), s.test) !== 0; rounds++) {
      if (rounds > 4096) throw this.refuse('LOWER_LOOP', 'a loop of more than 4096 rounds', s)
      if (this.statements([s.body], new Frame(frame)).returned)
        throw this.refuse('LOWER_SYNTAX', 'return out of a loop: use some() or a flag', s)
      const i = this.known(frame.names.get(d.id.name), s)
      frame.names.set(d.id.name, s.update.operator === '++' ? i + 1 : i - 1)
    }
    return GOES_ON
  }

  private effect(e: acorn.Expression, env: Frame): void {
    if (e.type === 'AssignmentExpression') {
      const op = e.operator === '=' ? undefined : OPERATORS[e.operator.slice(0, -1)]
      if (e.operator !== '=' && !op)
        throw this.refuse('LOWER_SYNTAX', `the operator ${e.operator} is not part of the discipline`, e)
      const right = this.expr(this.value(e.right, env), 'what is stored')
      this.store(e.left as acorn.Expression, old => (op ? binary(op, old, right) : right), env)
    } else if (e.type === 'UpdateExpression') {
      this.store(
        e.argument as acorn.Expression,
        old => binary(e.operator === '++' ? '+' : '-', old, number(1)),
        env,
      )
    } else this.value(e, env)
  }

  private store(target: Node, compute: (old: Expr) => Expr, env: Frame): void {
    if (target.type === 'MemberExpression') {
      const t = target as acorn.MemberExpression
      const object = this.value(t.object, env)
      const index = t.computed ? this.value(t.property as acorn.Expression, env) : undefined
      if (typeof index === 'object' && index.kind === 'dynamic') {
        this.items(object, t).forEach((old, i) => {
          const cell = this.cell(old, t)
          this.branch(
            binary('==', index.expr, number(i)),
            () => this.set(cell, compute(get(cell))),
            () => {},
          )
        })
        return
      }
    }
    const cell = this.cell(this.value(target as acorn.Expression, env), target)
    this.set(cell, compute(get(cell)))
  }

  private cell(value: Value, node: Node): string {
    if (
      typeof value === 'object' &&
      value.kind === 'dynamic' &&
      value.expr.op === 'get' &&
      !this.stable.has(value.expr.name)
    )
      return value.expr.name
    throw this.refuse('LOWER_TYPE', 'only variables of the state and `let` names can be stored to', node)
  }

  // --- expressions

  private value(e: Node, env: Env): Value {
    const node = e as acorn.Expression
    switch (node.type) {
      case 'Literal':
        if (typeof node.value === 'boolean') return +node.value
        if (typeof node.value === 'number' || typeof node.value === 'string') return node.value
        throw this.refuse('LOWER_SYNTAX', 'literals are whole numbers, true, false and names in quotes', e)
      case 'Identifier':
        return this.name(node.name, env, e)
      case 'MemberExpression':
        return this.memberExpression(node, env)
      case 'UnaryExpression':
        if (node.operator === '!')
          return dynamic(not(this.truth(this.value(node.argument, env), node.argument)))
        if (node.operator === '-')
          return dynamic(binary('-', number(0), this.expr(this.value(node.argument, env))))
        if (node.operator === '+') return dynamic(this.truth(this.value(node.argument, env), node.argument))
        throw this.refuse('LOWER_SYNTAX', `the operator ${node.operator} is not part of the discipline`, e)
      case 'BinaryExpression':
        return this.binaryExpression(node, env)
      case 'LogicalExpression':
        return this.logical(node, env)
      case 'ConditionalExpression':
        return this.conditional(node, env)
      case 'CallExpression':
        return this.callExpression(node, env)
      case 'SequenceExpression':
        return this.value(node.expressions[node.expressions.length - 1]!, env)
      case 'ArrayExpression':
        return { kind: 'list', items: node.elements.map(item => this.value(item as Node, env)) }
      case 'ObjectExpression':
        return this.record(node, env)
      case 'ArrowFunctionExpression': {
        const source: Source = { params: node.params, body: node.body, text: this.text }
        return { kind: 'closure', source, env, name: 'a function' }
      }
      default:
        throw this.refuse('LOWER_SYNTAX', `a ${node.type} is not part of the discipline`, e)
    }
  }

  private name(name: string, env: Env, node: Node): Value {
    if (name === 'undefined') return undefined
    const found = env.find(name)
    if (typeof found === 'object' && 'unknown' in found)
      throw this.refuse(
        'LOWER_NAME',
        `'${name}' is not in the scope; add it to the names that are given to lower()`,
        node,
      )
    return found
  }

  private memberExpression(e: acorn.MemberExpression, env: Env): Value {
    if (e.object.type === 'Identifier' && MODULE_OBJECT.test(e.object.name))
      return this.name((e.property as acorn.Identifier).name, env, e)
    const object = this.value(e.object as Node, env)
    if (!e.computed) return this.memberOf(object, (e.property as acorn.Identifier).name, e)
    const key = this.value(e.property as Node, env)
    if (typeof key === 'number' || typeof key === 'string') return this.memberOf(object, key, e)
    const items = this.items(object, e).map(item => this.expr(item, 'an item'))
    return dynamic(select(items, this.expr(key, 'an index')))
  }

  private memberOf(object: Value, key: string | number, node: Node): Value {
    if (isPlace(object) && Array.isArray(object.shape) && typeof key === 'string')
      return this.memberOf({ kind: 'list', items: this.items(object) }, key, node)
    if (isPlace(object)) {
      const found = member(object, key)
      if (found === undefined)
        throw this.refuse('LOWER_NAME', `the state has no '${object.path}.${key}'`, node)
      return found
    }
    if (typeof object === 'object' && object.kind === 'list') {
      if (key === 'length') return object.items.length
      if (typeof key === 'number' && key in object.items) return object.items[key]
      const method = LIST_METHODS[key]
      if (method) return { kind: 'builtin', name: String(key), call: args => method(this, object, args[0]) }
    }
    if (typeof object === 'object' && object.kind === 'record') {
      if (Object.hasOwn(object.fields, key)) return object.fields[key]
      throw this.refuse(
        'LOWER_NAME',
        `no field '${key}'; there are ${Object.keys(object.fields).join(', ') || 'none'}`,
        node,
      )
    }
    throw this.refuse('LOWER_TYPE', `${describe(object)} has no '${key}'`, node)
  }

  private binaryExpression(e: acorn.BinaryExpression, env: Env): Value {
    const left = this.value(e.left as Node, env)
    const right = this.value(e.right, env)
    const op = OPERATORS[e.operator]
    if (!op) throw this.refuse('LOWER_SYNTAX', `the operator ${e.operator} is not part of the discipline`, e)
    if (typeof left === 'string' && typeof right === 'string')
      return op === '==' ? +(left === right) : +(left !== right)
    if (isPlace(left) && isPlace(right) && (op === '==' || op === '!='))
      return +((left.path === right.path) === (op === '=='))
    return dynamic(binary(op, this.expr(left, 'the left side'), this.expr(right, 'the right side')))
  }

  private logical(e: acorn.LogicalExpression, env: Env): Value {
    if (e.operator === '??')
      throw this.refuse('LOWER_SYNTAX', 'the operator ?? is not part of the discipline', e)
    const left = this.truth(this.value(e.left, env), e.left)
    if (left.op === 'number' && (left.value !== 0) === (e.operator === '||')) return left.value
    return dynamic(binary(e.operator, left, this.truth(this.value(e.right, env), e.right)))
  }

  private conditional(e: acorn.ConditionalExpression, env: Env): Value {
    const test = this.truth(this.value(e.test, env), e.test)
    if (test.op === 'number') return this.value(test.value !== 0 ? e.consequent : e.alternate, env)
    return dynamic(
      choose(test, this.expr(this.value(e.consequent, env)), this.expr(this.value(e.alternate, env))),
    )
  }

  private callExpression(e: acorn.CallExpression, env: Env): Value {
    const callee = this.value(e.callee as Node, env)
    const args = e.arguments.map(a => this.value(a as Node, env))
    return this.call(callee, args, this.text.slice(e.callee.start, e.callee.end))
  }

  private record(e: acorn.ObjectExpression, env: Env): Value {
    const fields: Record<string, Value> = {}
    for (const p of e.properties) {
      if (p.type === 'SpreadElement') {
        const base = this.value(p.argument, env)
        if (typeof base !== 'object' || base.kind !== 'record')
          throw this.refuse('LOWER_TYPE', 'only a record can be spread', p)
        Object.assign(fields, base.fields)
      } else if (p.computed || (p.key.type !== 'Identifier' && p.key.type !== 'Literal'))
        throw this.refuse('LOWER_SYNTAX', 'field names are written out', p)
      else
        fields[p.key.type === 'Identifier' ? p.key.name : String(p.key.value)] = this.value(
          p.value as Node,
          env,
        )
    }
    return { kind: 'record', fields }
  }

  /** The items of something that has a known length. */
  items(value: Value, node?: Node): readonly Value[] {
    if (typeof value === 'object' && value.kind === 'list') return value.items
    if (isPlace(value) && Array.isArray(value.shape)) return value.shape.map((_, i) => member(value, i))
    throw this.refuse('LOWER_TYPE', `a list of known length is needed, not ${describe(value)}`, node)
  }

  truth(value: Value, node?: Node): Expr {
    if (value === undefined || typeof value === 'string')
      throw this.refuse('LOWER_TYPE', `a condition is needed, not ${describe(value)}`, node)
    return truth(this.expr(value, 'a condition'))
  }

  private known(value: Value, node: Node): number {
    if (typeof value === 'number') return value
    throw this.refuse('LOWER_TYPE', 'this must be known when lowering', node)
  }

  private refuse(code: LowerError['code'], message: string, node?: Node): LowerError {
    return new LowerError(code, this.where, message, node ? this.text.slice(node.start, node.end) : this.text)
  }
}

const isPlace = (value: Value): value is Place => typeof value === 'object' && value.kind === 'place'

/** True when executing `s` may return from the function around it. */
const returns = (s: Node): boolean => {
  if (s.type === 'ReturnStatement') return true
  if (s.type === 'BlockStatement') return (s as acorn.BlockStatement).body.some(returns)
  if (s.type !== 'IfStatement') return false
  const { consequent, alternate } = s as acorn.IfStatement
  return returns(consequent) || (alternate ? returns(alternate) : false)
}

const LIST_METHODS: Readonly<Record<string, (e: Evaluator, list: List, fn: Value) => Value>> = {
  some: (e, list, fn) => dynamic(any(list.items.map((item, i) => e.truth(e.call(fn, [item, i]))))),
  every: (e, list, fn) => dynamic(every(list.items.map((item, i) => e.truth(e.call(fn, [item, i]))))),
  map: (e, list, fn) => ({ kind: 'list', items: list.items.map((item, i) => e.call(fn, [item, i])) }),
  filter: (e, list, fn) => ({ kind: 'list', items: list.items.filter(item => e.call(fn, [item]) !== 0) }),
}

const describe = (value: Value): string => {
  if (value === undefined) return 'undefined'
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'string') return `'${value}'`
  if (value.kind === 'place') return `the structure '${value.path}'`
  return `a ${value.kind}`
}
