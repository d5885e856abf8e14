/** Evaluates the expressions of the discipline. */

import type * as acorn from 'acorn'
import { binary, choose, get, isTruth, not, number } from '../ir/expression.ts'
import { EXACT } from '../ir/interval.ts'
import type { BinaryOp, Expr } from '../ir/ir.ts'
import { at, must } from '../text/at.ts'
import type { Evaluator } from './evaluate.ts'
import { operatorOf } from './operators.ts'
import type { Node } from './source.ts'
import {
  describe,
  dynamic,
  type Env,
  isPlace,
  type List,
  member,
  rootOf,
  type Sort,
  select,
  sortOf,
  truthValue,
  type Value,
} from './value.ts'

/**
 * A test runner may import a module under a name like this and call through it. The member is the name as
 * written.
 */
const MODULE_OBJECT = /^__vi(te_ssr_)?_?import_\d+__$/

export function evaluate(e: Evaluator, from: Node, env: Env): Value {
  const node = from as acorn.Expression
  switch (node.type) {
    case 'Literal':
      return literal(e, node)
    case 'Identifier':
      return nameIn(e, node.name, env, node)
    case 'MemberExpression':
      return memberExpression(e, node, env)
    case 'UnaryExpression':
      return unary(e, node, env)
    case 'BinaryExpression':
      return binaryExpression(e, node, env)
    case 'LogicalExpression':
      return logical(e, node, env)
    case 'ConditionalExpression':
      return either(
        e,
        e.truth(e.value(node.test, env), node.test),
        () => e.value(node.consequent, env),
        () => e.value(node.alternate, env),
      )
    case 'CallExpression':
      return callExpression(e, node, env)
    case 'SequenceExpression':
      return sequence(e, node, env)
    case 'ArrayExpression':
      return arrayOf(e, node, env)
    case 'ObjectExpression':
      return record(e, node, env)
    case 'ArrowFunctionExpression':
      if (node.async) throw e.reject('LOWER_SYNTAX', 'an async function is not a step', node)
      return {
        kind: 'closure',
        source: { params: node.params, body: node.body, text: e.sourceText },
        env,
        name: 'a function',
      }
    default:
      throw e.reject('LOWER_SYNTAX', `a ${node.type} is not part of the discipline`, node)
  }
}

function literal(e: Evaluator, node: acorn.Literal): Value {
  const { value } = node
  if (typeof value === 'boolean') return truthValue(value)
  if (typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw e.reject('LOWER_SYNTAX', 'literals are whole numbers, true, false and names in quotes', node)
}

function nameIn(e: Evaluator, name: string, env: Env, node: Node): Value {
  if (name === 'undefined') return undefined
  const found = env.find(name)
  if (typeof found === 'object' && 'unknown' in found)
    throw e.reject(
      'LOWER_NAME',
      `'${name}' is not in the scope; add it to the names that are given to lower()`,
      node,
    )
  return found
}

function memberExpression(e: Evaluator, node: acorn.MemberExpression, env: Env): Value {
  if (node.object.type === 'Identifier' && MODULE_OBJECT.test(node.object.name))
    return nameIn(e, (node.property as acorn.Identifier).name, rootOf(env), node)
  if (!node.computed)
    return memberOf(e, e.value(node.object, env), (node.property as acorn.Identifier).name, node)
  const [object, key] = e.inOrder([() => e.value(node.object, env), () => e.value(node.property, env)])
  return itemOf(e, object, key, node)
}

/** Returns `object[key]`. */
function itemOf(e: Evaluator, object: Value, key: Value, node: Node): Value {
  if (typeof key === 'number' || typeof key === 'string') return memberOf(e, object, key, node)
  const values = e.items(object, node)
  const items = values.map(item => e.expr(item, 'an item', node))
  return dynamic(select(items, e.index(e.reused('index', key, items.length), items, node)), sortOf(...values))
}

/** Evaluates `object.key`. */
export function memberOf(e: Evaluator, object: Value, key: string | number, node: Node): Value {
  if (isPlace(object) && Array.isArray(object.shape) && typeof key === 'string')
    return memberOf(e, { kind: 'list', items: e.items(object) }, key, node)
  const list = isPlace(object)
    ? object.shape
    : typeof object === 'object' && object.kind === 'list' && object.items
  if (Array.isArray(list) && typeof key === 'number' && !(key in list))
    throw e.reject('LOWER_RANGE', `the list has items 0 to ${list.length - 1}, and no ${key}`, node)
  if (isPlace(object)) {
    const found = member(object, key)
    if (found !== undefined) return found
    throw e.reject('LOWER_NAME', `the state has no '${object.path ? `${object.path}.` : ''}${key}'`, node)
  }
  if (typeof object === 'object' && object.kind === 'list') {
    if (key === 'length') return object.items.length
    if (typeof key === 'number' && key in object.items) return object.items[key]
    if (Object.hasOwn(LIST_METHODS, key)) {
      const method = must(LIST_METHODS[key], `the method ${key}`)
      return { kind: 'builtin', name: String(key), call: args => method(e, object, args[0]) }
    }
  }
  if (typeof object === 'object' && object.kind === 'record') {
    if (Object.hasOwn(object.fields, key)) return object.fields[key]
    const known = Object.keys(object.fields).join(', ') || 'none'
    throw e.reject('LOWER_NAME', `no field '${key}'; there are ${known}`, node)
  }
  throw e.reject('LOWER_TYPE', `${describe(object)} has no '${key}'`, node)
}

function unary(e: Evaluator, node: acorn.UnaryExpression, env: Env): Value {
  const of = e.value(node.argument, env)
  switch (node.operator) {
    case '!':
      return dynamic(not(e.truth(of, node.argument)), 'truth')
    case '-':
      return e.exact(dynamic(binary('-', number(0), e.expr(of, 'what - is applied to', node))), node)
    case '+':
      return dynamic(e.expr(of, 'what + is applied to', node))
    default:
      throw e.reject('LOWER_SYNTAX', `the operator ${node.operator} is not part of the discipline`, node)
  }
}

function binaryExpression(e: Evaluator, node: acorn.BinaryExpression, env: Env): Value {
  const [left, right] = e.inOrder([() => e.value(node.left, env), () => e.value(node.right, env)])
  const op = operatorOf(node.operator)
  if (!op) throw e.reject('LOWER_SYNTAX', `the operator ${node.operator} is not part of the discipline`, node)
  const same = (test: boolean) => truthValue(test === (op === '=='))
  if (op === '==' || op === '!=') {
    if (typeof left === 'string' && typeof right === 'string') return same(left === right)
    if (isPlace(left) && isPlace(right)) return same(left.path === right.path)
    if (sortOf(left, right) === 'mixed')
      throw e.reject(
        'LOWER_TYPE',
        'true and false are no numbers to JavaScript, which never finds them the same; write test ? 1 : 0, or the test alone',
        node,
      )
  }
  const by = e.expr(right, 'the right side', node)
  const made = binary(op, e.expr(left, 'the left side', node), op === '%' ? divisor(e, by, node) : by)
  return e.exact(dynamic(made, COMPARISONS.has(op) ? 'truth' : 'number'), node)
}

const COMPARISONS: ReadonlySet<BinaryOp> = new Set(['==', '!=', '<', '<=', '>', '>='])

/** Returns a divisor, with a check that it is not 0. */
export function divisor(e: Evaluator, by: Expr, node: Node): Expr {
  if (by.op === 'number') {
    if (by.value !== 0) return by
    throw e.reject('LOWER_RANGE', 'a remainder by 0', node)
  }
  const [least, most] = [-EXACT, EXACT]
  return { op: 'check', kind: 'remainder', of: by, least, most, where: e.where, source: e.textOf(node) }
}

/** `a && b` is a or b itself, as in JavaScript. If both are truth values, so is the result. */
function logical(e: Evaluator, node: acorn.LogicalExpression, env: Env): Value {
  const { operator } = node
  if (operator === '??') throw e.reject('LOWER_SYNTAX', 'the operator ?? is not part of the discipline', node)
  return joined(e, operator, e.value(node.left, env), () => e.value(node.right, env), node)
}

function joined(
  e: Evaluator,
  operator: '&&' | '||',
  first: Value,
  second: () => Value,
  node?: acorn.LogicalExpression,
): Value {
  const left = e.expr(first, 'the left side', node?.left)
  const test = e.truth(dynamic(left), node?.left)
  const right = () => {
    const value = second()
    return { expr: e.expr(value, 'the right side', node?.right), sort: sortOf(value) }
  }
  const [yes, no] = [() => asValue(right()), () => dynamic(left, sortOf(first))]
  if (test.op === 'number') return (test.value !== 0) === (operator === '&&') ? yes() : no()
  if (isTruth(left)) {
    const since = e.now
    let other!: ReturnType<typeof right>
    const body = e.collect(() => {
      other = right()
    })
    if (isTruth(other.expr) && e.isHarmless(body, since)) {
      e.append(body)
      return dynamic(binary(operator, left, other.expr), sortOf(first, asValue(other)))
    }
  }
  return operator === '&&' ? either(e, test, yes, no) : either(e, test, no, yes)
}

const asValue = ({ expr, sort }: { readonly expr: Expr; readonly sort: Sort }): Value => dynamic(expr, sort)

/** Evaluates `test ? yes : no`. What only one branch does happens only in that branch. */
function either(e: Evaluator, test: Expr, yes: () => Value, no: () => Value): Value {
  if (test.op === 'number') return test.value !== 0 ? yes() : no()
  const since = e.now
  const values: Value[] = []
  const collect = (side: () => Value) =>
    e.collect(() => {
      values.push(side())
    })
  const [first, second] = [collect(yes), collect(no)]
  if ([first, second].every(body => e.isHarmless(body, since))) {
    e.append([...first, ...second])
    return dynamic(choose(test, e.expr(values[0]), e.expr(values[1])), sortOf(...values))
  }
  const result = e.fresh('value')
  const sets = values.map(value => e.collect(() => e.set(result, e.expr(value))))
  e.emit({ do: 'if', test, yes: [...first, ...at(sets, 0)], no: [...second, ...at(sets, 1)] })
  return dynamic(get(result), sortOf(...values))
}

/** `at(list, i)` of checker/text/at.ts. Every source may call it; it means `list[i]`. */
export const AT: Value = {
  kind: 'builtin',
  name: 'at',
  call: () => {
    throw new TypeError('at() is only called, never passed on')
  },
}

function callExpression(e: Evaluator, node: acorn.CallExpression, env: Env): Value {
  const operands = [node.callee as Node, ...node.arguments].map(n => () => e.value(n, env))
  const [callee, ...args] = e.inOrder(operands)
  if (callee === AT) return itemOf(e, args[0], args[1], node)
  return e.call(callee, args, e.textOf(node.callee))
}

/**
 * Compilers write `(0, f)(x)` for calls of imported functions. The parts before the last must be literals, like
 * that 0.
 */
function sequence(e: Evaluator, node: acorn.SequenceExpression, env: Env): Value {
  const last = node.expressions.at(-1)
  if (node.expressions.some(part => part !== last && part.type !== 'Literal'))
    throw e.reject('LOWER_SYNTAX', 'write statements one by one, without commas', node)
  return e.value(must(last, 'the last expression of a sequence'), env)
}

function arrayOf(e: Evaluator, node: acorn.ArrayExpression, env: Env): Value {
  const items = node.elements.map(item => {
    if (item === null || item.type === 'SpreadElement')
      throw e.reject('LOWER_SYNTAX', "a list's items are written out", node)
    return () => e.value(item, env)
  })
  return { kind: 'list', items: e.inOrder(items) }
}

function record(e: Evaluator, node: acorn.ObjectExpression, env: Env): Value {
  const parts = e.inOrder(
    node.properties.map(p => () => e.value(p.type === 'SpreadElement' ? p.argument : (p.value as Node), env)),
  )
  const fields: Record<string, Value> = {}
  node.properties.forEach((p, i) => {
    const value = parts[i]
    if (p.type === 'SpreadElement') {
      if (typeof value !== 'object' || value.kind !== 'record')
        throw e.reject('LOWER_TYPE', 'only a record can be spread', p)
      Object.assign(fields, value.fields)
    } else if (p.computed || (p.key.type !== 'Identifier' && p.key.type !== 'Literal'))
      throw e.reject('LOWER_SYNTAX', 'field names are written out', p)
    else fields[p.key.type === 'Identifier' ? p.key.name : String(p.key.value)] = value
  })
  return { kind: 'record', fields }
}

/**
 * Applies `fn` to each item. It must change nothing, because only the running step knows which items JavaScript
 * would visit.
 */
const each = (e: Evaluator, list: List, fn: Value): Value[] =>
  list.items.map((item, i) => e.look('a function given to a list', () => e.call(fn, [item, i])).value)

/**
 * Reports whether some item, or every item, passes. Items after the deciding one are not visited. What the
 * visits need is computed for all items beforehand, unless it could be rejected.
 */
function quantify(e: Evaluator, list: List, fn: Value, operator: '&&' | '||'): Value {
  const ask = (at: number) => (): Value => {
    const { value } = e.look('a function given to a list', () => e.call(fn, [list.items[at], at]))
    return dynamic(e.truth(value), 'truth')
  }
  return list.items.reduce<Value>(
    (found, _, at) => (at === 0 ? ask(at)() : joined(e, operator, found, ask(at))),
    truthValue(operator === '&&'),
  )
}

const LIST_METHODS: Readonly<Record<string, (e: Evaluator, list: List, fn: Value) => Value>> = {
  some: (e, list, fn) => quantify(e, list, fn, '||'),
  every: (e, list, fn) => quantify(e, list, fn, '&&'),
  map: (e, list, fn) => ({ kind: 'list', items: each(e, list, fn) }),
  filter: (e, list, fn) => {
    const kept = each(e, list, fn).map(v => e.known(v))
    return { kind: 'list', items: list.items.filter((_, i) => kept[i] !== 0) }
  },
}
