import type { Expr, Stmt, System } from '../../spec/lower/ir.ts'
import { apply } from './simplify.ts'

/** A second opinion for tests: the checker's answers by the plainest means, an interpreter and a Map. */
export interface Opinion {
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly coverage: readonly number[]
  /** Steps of the shortest way to break each thing that is broken, by id. */
  readonly broken: Readonly<Record<string, number>>
  /** Steps of the shortest way to see each witness that is seen, by name. */
  readonly seen: Readonly<Record<string, number>>
}

type Values = Readonly<Record<string, number>>

interface Node {
  readonly values: Values
  readonly depth: number
  readonly helped: Node[]
}

/** Explores `system` slowly. */
export function naive(system: System): Opinion {
  const names = system.variables.map(({ name }) => name)
  const nodes = new Map<string, Node>()
  const coverage = system.coverage.map(() => 0)
  const [broken, seen] = [{} as Record<string, number>, {} as Record<string, number>]
  const note = (where: Record<string, number>, id: string, depth: number) => {
    where[id] = Math.min(where[id] ?? depth, depth)
  }
  const check = (values: Values, depth: number, ofStep: boolean) => {
    for (const { id, holds, ofStep: each } of system.invariants) {
      if (each === ofStep && evaluate(holds, values) === 0) note(broken, id, depth)
    }
    for (const { name, seen: what, ofStep: each } of system.witnesses) {
      if (each === ofStep && evaluate(what, values) !== 0) note(seen, name, depth)
    }
  }
  const visit = (values: Values, depth: number): Node => {
    const key = names.map(name => values[name]).join()
    const known = nodes.get(key)
    if (known) return known
    const node = { values: Object.fromEntries(names.map(name => [name, values[name]!])), depth, helped: [] }
    nodes.set(key, node)
    check(node.values, depth, false)
    return node
  }
  visit(Object.fromEntries(system.variables.map(({ name, initial }) => [name, initial])), 0)
  let generated = 0
  for (const node of nodes.values()) {
    let live = false
    for (const rule of system.rules) {
      if (evaluate(rule.guard, node.values) === 0) continue
      generated++
      live ||= rule.kind !== 'fault'
      const values: Record<string, number> = { ...node.values }
      for (const name of names) values[`was.${name}`] = node.values[name]!
      for (const cell of system.scratch) values[cell] = 0
      run(rule.body, values, coverage)
      check(values, node.depth + 1, true)
      const next = visit(values, node.depth + 1)
      if (rule.kind === 'protocol' || rule.helps) node.helped.push(next)
    }
    if (!live && evaluate(system.final, node.values) === 0) note(broken, 'deadlock', node.depth)
  }
  const all = [...nodes.values()]
  for (const { id, when, goal } of system.recoveries) {
    const good = new Set(all.filter(({ values }) => evaluate(goal, values) !== 0))
    for (let size = -1; size !== good.size; ) {
      size = good.size
      for (const node of all) if (node.helped.some(next => good.has(next))) good.add(node)
    }
    for (const node of all)
      if (evaluate(when, node.values) !== 0 && !good.has(node)) note(broken, id, node.depth)
  }
  return {
    distinct: all.length,
    generated,
    depth: Math.max(...all.map(({ depth }) => depth)),
    coverage,
    broken,
    seen,
  }
}

/** The value of an expression; names without a value are 0, as locals are at first. */
export function evaluate(expr: Expr, values: Values): number {
  switch (expr.op) {
    case 'number':
      return expr.value
    case 'get':
      return values[expr.name] ?? 0
    case '!':
      return Number(evaluate(expr.of, values) === 0)
    case '?':
      return evaluate(evaluate(expr.test, values) !== 0 ? expr.yes : expr.no, values)
    default:
      return apply(expr.op, evaluate(expr.left, values), evaluate(expr.right, values))
  }
}

/** Does what `body` does to `values`, and counts the coverage points passed. */
export function run(body: readonly Stmt[], values: Record<string, number>, coverage: number[]): void {
  for (const stmt of body) {
    if (stmt.do === 'set') values[stmt.name] = evaluate(stmt.value, values)
    else if (stmt.do === 'cover') coverage[stmt.point]!++
    else if (stmt.do === 'if') run(evaluate(stmt.test, values) !== 0 ? stmt.yes : stmt.no, values, coverage)
    else if (stmt.do === 'switch') {
      const on = evaluate(stmt.on, values)
      run(stmt.cases.find(({ value }) => value === on)?.body ?? stmt.otherwise, values, coverage)
    }
  }
}
