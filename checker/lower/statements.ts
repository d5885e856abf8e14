/** Executes the discipline's statements: known tests decide now, everything else is emitted. */

import type * as acorn from 'acorn'
import { binary, get, mayTrap, not, number } from '../ir/expression.ts'
import type { BinaryOp } from '../ir/ir.ts'
import { at, must } from '../text/at.ts'
import { dependsOn, storedBy } from './emitter.ts'
import type { Evaluator } from './evaluate.ts'
import { divisor, memberOf } from './expressions.ts'
import { operatorOf } from './operators.ts'
import { GOES_ON, type Outcome, Returning, returnOf } from './returning.ts'
import type { Node } from './source.ts'
import { describe, dynamic, FEW, isPlace, LocalScope, sortOf, type Value } from './value.ts'

/** Executes what follows a statement, unless the statement returns. */
type Rest = () => Outcome
const nothing: Rest = () => GOES_ON

/** The most rounds of a loop, all of which are unrolled. */
const MAX_ROUNDS = 4096

/**
 * Executes `list`, then `rest`. What follows a statement that may return runs inside the branch that does not
 * return, so that no jump is needed. If both branches may go on, they record whether they have returned.
 */
export function execute(e: Evaluator, list: readonly Node[], env: LocalScope, rest = nothing): Outcome {
  for (const [i, node] of list.entries()) {
    const s = node as acorn.Statement
    const after = () => execute(e, list.slice(i + 1), env, rest)
    if (s.type === 'IfStatement') return ifStatement(e, s, env, after)
    if (s.type === 'BlockStatement' && mayReturn(s)) return execute(e, s.body, new LocalScope(env), after)
    if (s.type === 'ReturnStatement') return returnOf(s.argument ? e.value(s.argument, env) : undefined)
    statement(e, s, env)
  }
  return rest()
}

/** A statement that does not return. */
function statement(e: Evaluator, s: acorn.Statement, env: LocalScope): void {
  switch (s.type) {
    case 'BlockStatement':
      execute(e, s.body, new LocalScope(env))
      return
    case 'ExpressionStatement':
      effect(e, s.expression, env)
      return
    case 'VariableDeclaration':
      for (const d of s.declarations) declaration(e, s.kind, d, env)
      return
    case 'ForOfStatement':
      forOf(e, s, env)
      return
    case 'ForStatement':
      forCount(e, s, env)
      return
    case 'EmptyStatement':
      return
    default:
      throw e.reject('LOWER_SYNTAX', `a ${s.type} is not part of the discipline`, s)
  }
}

function ifStatement(e: Evaluator, s: acorn.IfStatement, env: LocalScope, rest: Rest): Outcome {
  const test = e.truth(e.value(s.test, env), s.test)
  const yes = [s.consequent]
  const no = s.alternate ? [s.alternate] : []
  if (test.op === 'number') return execute(e, test.value !== 0 ? yes : no, new LocalScope(env), rest)
  if (![...yes, ...no].some(mayReturn)) {
    e.branch(
      test,
      () => void execute(e, yes, new LocalScope(env)),
      () => void execute(e, no, new LocalScope(env)),
    )
    return rest()
  }
  const returning = new Returning(e)
  const run = (list: readonly Node[], after?: Rest) => () =>
    returning.note(execute(e, list, new LocalScope(env), after))
  if (yes.some(returns) || no.some(returns)) {
    e.branch(test, run(yes, rest), run(no, rest))
    return returning.outcome
  }
  const done = returning.track()
  e.branch(test, run(yes), run(no))
  returning.leave()
  e.branch(
    done,
    () => {},
    () => returning.note(rest()),
  )
  return returning.outcome
}

/** Reports whether executing `s` returns from the function on every path. */
function returns(s: Node): boolean {
  if (s.type === 'ReturnStatement') return true
  if (s.type === 'BlockStatement') return (s as acorn.BlockStatement).body.some(returns)
  if (s.type !== 'IfStatement') return false
  const { consequent, alternate } = s as acorn.IfStatement
  return returns(consequent) && alternate !== null && alternate !== undefined && returns(alternate)
}

/** Reports whether executing `s` may return from the function. */
function mayReturn(s: Node): boolean {
  if (s.type === 'ReturnStatement') return true
  if (s.type === 'BlockStatement') return (s as acorn.BlockStatement).body.some(mayReturn)
  if (s.type !== 'IfStatement') return false
  const { consequent, alternate } = s as acorn.IfStatement
  return mayReturn(consequent) || (alternate ? mayReturn(alternate) : false)
}

function declaration(e: Evaluator, kind: string, d: acorn.VariableDeclarator, env: LocalScope): void {
  if (kind === 'var' || !d.init) throw e.reject('LOWER_SYNTAX', 'use const, or let with a first value', d)
  const value = e.value(d.init, env)
  if (kind === 'const') {
    e.bind(env, d.id, value, true)
    return
  }
  if (d.id.type !== 'Identifier') throw e.reject('LOWER_SYNTAX', '`let` takes a plain name', d)
  const local = e.local(d.id.name, e.expr(value, d.id.name, d), false)
  env.names.set(d.id.name, dynamic(get(local), sortOf(value)))
}

function loopBody(e: Evaluator, body: Node, env: LocalScope, loop: Node): void {
  if (mayReturn(body)) throw e.reject('LOWER_SYNTAX', 'return out of a loop: use some() or a flag', loop)
  execute(e, [body], env)
}

function forOf(e: Evaluator, s: acorn.ForOfStatement, env: LocalScope): void {
  if (s.left.type !== 'VariableDeclaration' || s.left.kind !== 'const' || s.await)
    throw e.reject('LOWER_SYNTAX', 'write for (const x of ...)', s)
  const list = e.value(s.right, env)
  // A list that was made for the loop keeps its items from that time. An array of the state is read round by
  // round.
  for (const item of e.items(e.hold('item', list), s.right)) {
    const locals = new LocalScope(env)
    e.bind(locals, at(s.left.declarations, 0).id, item, true)
    loopBody(e, s.body, locals, s)
  }
}

function forCount(e: Evaluator, s: acorn.ForStatement, env: LocalScope): void {
  const d = s.init?.type === 'VariableDeclaration' ? s.init.declarations[0] : undefined
  const { update, test } = s
  const counts =
    update?.type === 'UpdateExpression' &&
    update.argument.type === 'Identifier' &&
    d?.id.type === 'Identifier' &&
    update.argument.name === d.id.name
  if (!d?.init || d.id.type !== 'Identifier' || !test || !counts)
    throw e.reject('LOWER_SYNTAX', 'write for (let i = 0; i < N; i++) with a known N', s)
  const locals = new LocalScope(env)
  let i = e.known(e.value(d.init, env), s)
  locals.names.set(d.id.name, i)
  for (let rounds = 0; e.known(e.value(test, locals), test) !== 0; rounds++) {
    if (rounds >= MAX_ROUNDS) throw e.reject('LOWER_LOOP', `a loop of more than ${MAX_ROUNDS} rounds`, s)
    loopBody(e, s.body, new LocalScope(locals), s)
    i += update.operator === '++' ? 1 : -1
    locals.names.set(d.id.name, i)
  }
}

/** An expression that is evaluated for its effect. */
function effect(e: Evaluator, node: acorn.Expression, env: LocalScope): void {
  switch (node.type) {
    case 'AssignmentExpression': {
      const op = node.operator === '=' ? undefined : operatorOf(node.operator.slice(0, -1))
      if (node.operator !== '=' && !op)
        throw e.reject('LOWER_SYNTAX', `the operator ${node.operator} is not part of the discipline`, node)
      store(e, node.left, () => e.value(node.right, env), op, env)
      return
    }
    case 'UpdateExpression':
      store(e, node.argument, () => 1, node.operator === '++' ? '+' : '-', env)
      return
    case 'LogicalExpression': {
      if (node.operator === '??')
        throw e.reject('LOWER_SYNTAX', 'the operator ?? is not part of the discipline', node)
      const test = e.truth(e.value(node.left, env), node.left)
      e.branch(
        node.operator === '&&' ? test : not(test),
        () => effect(e, node.right, env),
        () => {},
      )
      return
    }
    case 'ConditionalExpression':
      e.branch(
        e.truth(e.value(node.test, env), node.test),
        () => effect(e, node.consequent, env),
        () => effect(e, node.alternate, env),
      )
      return
    default:
      e.value(node, env)
  }
}

/** Throws LOWER_TYPE where what is stored would not be in `target`: in a list made on the spot, or of another sort than a `let`. */
function checkTarget(e: Evaluator, object: Value, target: Value, stored: Value, node: Node): void {
  if (object !== undefined && !isPlace(object))
    throw e.reject(
      'LOWER_TYPE',
      `${describe(object)} is no part of the state; store to the state's own name`,
      node,
    )
  if (object === undefined && sortOf(target) !== 'mixed' && sortOf(target) !== sortOf(stored))
    throw e.reject(
      'LOWER_TYPE',
      `a name that begins with ${describe(target)} holds no ${describe(stored)}; write test ? 1 : 0`,
      node,
    )
}

/** `target = right`, or with `op` `target op= right`. */
function store(
  e: Evaluator,
  target: Node,
  right: () => Value,
  op: BinaryOp | undefined,
  env: LocalScope,
): void {
  const member = target.type === 'MemberExpression' ? (target as acorn.MemberExpression) : undefined
  let stored: ReadonlySet<string> = new Set()
  const [object, key, value] = e.inOrder([
    () => member && e.value(member.object, env),
    () => (member?.computed ? e.value(member.property, env) : (member?.property as acorn.Identifier)?.name),
    () => {
      let found: Value
      const body = e.collect(() => {
        found = right()
      })
      stored = storedBy(body)
      e.append(body)
      return found
    },
  ])
  checkTarget(e, object, member ? undefined : e.value(target, env), op ? 0 : value, target)
  const isDynamic = typeof key === 'object' && key.kind === 'dynamic'
  const found = (): Value => {
    if (!member) return e.value(target, env)
    return memberOf(e, object, typeof key === 'string' ? key : e.known(key, member), member)
  }
  const cells = (isDynamic ? e.items(object, member) : [found()]).map(cell => cellOf(e, cell, target))
  if (op && cells.some(cell => stored.has(cell)))
    throw e.reject('LOWER_SYNTAX', 'the right side stores into the left one; write two statements', target)
  const isRejectable = typeof value === 'object' && value.kind === 'dynamic' && mayTrap(value.expr)
  const isFew = cells.length <= FEW
  // JavaScript computes the index before the right side, so a value that it rejects comes first. An index that the store
  // changes, or that a switch reads, is computed once as well.
  const isHeld =
    isDynamic && (!isFew || dependsOn(key, new Set(cells)) || (isRejectable && mayTrap(key.expr)))
  const index = isHeld ? e.hold('index', key) : key
  const kept =
    isDynamic && (isRejectable || cells.length > 1) ? e.reused('stored', value, cells.length) : value
  const given = e.expr(isDynamic && isRejectable ? e.hold('stored', kept) : kept, 'what is stored', target)
  const by = op === '%' ? divisor(e, given, target) : given
  const put = (cell: string) =>
    e.set(cell, op ? e.expr(e.exact(dynamic(binary(op, get(cell), by)), target)) : by)
  if (isDynamic) storeAt(e, index, cells, put, must(member, 'an index'))
  else put(at(cells, 0))
}

/** Calls `put` for the cell whose index is `key`, which does not change meanwhile. */
function storeAt(
  e: Evaluator,
  key: Value,
  cells: readonly string[],
  put: (cell: string) => void,
  node: Node,
): void {
  const at = e.index(key, cells, node)
  if (cells.length > FEW) {
    const cases = cells.map((cell, value) => ({ value, body: e.collect(() => put(cell)) }))
    e.emit({ do: 'switch', on: at, cases, otherwise: [] })
    return
  }
  // The first test is always evaluated, so it has the check and the others need none.
  cells.forEach((cell, i) => {
    e.branch(
      binary('==', i === 0 ? at : at.of, number(i)),
      () => put(cell),
      () => {},
    )
  })
}

/** Returns the name of something that can be stored into. */
function cellOf(e: Evaluator, value: Value, node: Node): string {
  if (typeof value === 'object' && value.kind === 'dynamic') {
    const { expr } = value
    if (expr.op === 'get' && !e.isConstant(expr.name)) return expr.name
  }
  throw e.reject('LOWER_TYPE', 'only variables of the state and `let` names can be stored to', node)
}
