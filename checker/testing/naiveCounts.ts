import type { Expr, Stmt, System } from '../ir/ir.ts'
import { must } from '../text/at.ts'

/** The result of a naive exploration. */
export interface NaiveCounts {
  readonly distinct: number
  readonly transitions: number
  /** Ids of the invariants that some state or step violates. */
  readonly broken: ReadonlySet<string>
}

/**
 * Explores breadth first with an interpreter and a Set of strings: slow, and too plain to be wrong. It is the
 * third opinion where the checker and SPIN should agree.
 *
 * @throws Error for more than `limit` states, or a value that does not fit its variable
 */
export function exploreNaively(system: System, limit = 100_000): NaiveCounts {
  const known = new Set<string>()
  const queue: State[] = []
  const broken = new Set<string>()
  const meet = (state: State) => {
    const key = JSON.stringify(system.variables.map(({ name }) => state[name]))
    if (known.has(key)) return
    if (known.size === limit) throw new Error(`${system.name} has more than ${limit} states`)
    known.add(key)
    queue.push(state)
    for (const one of system.invariants) if (!one.ofStep && !evaluate(one.holds, state)) broken.add(one.id)
  }
  meet(Object.fromEntries(system.variables.map(({ name, initial }) => [name, initial])))
  let transitions = 0
  for (const state of queue) {
    for (const rule of system.rules) {
      if (!evaluate(rule.guard, state)) continue
      transitions++
      const cells: State = { ...state, ...before(state) }
      execute(rule.body, cells)
      for (const one of system.invariants) if (one.ofStep && !evaluate(one.holds, cells)) broken.add(one.id)
      meet(
        Object.fromEntries(
          system.variables.map(one => [one.name, fitting(one, must(cells[one.name], one.name))]),
        ),
      )
    }
  }
  return { distinct: known.size, transitions, broken }
}

type State = Record<string, number>

function before(state: State): State {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`was.${name}`, value]))
}

function fitting({ name, bits }: System['variables'][number], value: number): number {
  if (value < 0 || value >= 2 ** bits)
    throw new Error(`${name} has ${bits} bits, which ${value} does not fit`)
  return value
}

/** Returns the value of `expr`. A cell that was never set is 0. */
function evaluate(expr: Expr, cells: State): number {
  if (expr.op === 'number') return expr.value
  if (expr.op === 'get') return cells[expr.name] ?? 0
  if (expr.op === 'check' || expr.op === 'note') return evaluate(expr.of, cells)
  if (expr.op === '!') return evaluate(expr.of, cells) ? 0 : 1
  if (expr.op === '?') return evaluate(evaluate(expr.test, cells) ? expr.yes : expr.no, cells)
  const [a, b] = [evaluate(expr.left, cells), evaluate(expr.right, cells)]
  switch (expr.op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '%':
      return a % b
    case '&':
      return a & b
    case '|':
      return a | b
    case '<<':
      return a << b
    case '>>':
      return a >> b
    case '==':
      return Number(a === b)
    case '!=':
      return Number(a !== b)
    case '<':
      return Number(a < b)
    case '<=':
      return Number(a <= b)
    case '>':
      return Number(a > b)
    case '>=':
      return Number(a >= b)
    case '&&':
      return Number(a !== 0 && b !== 0)
    case '||':
      return Number(a !== 0 || b !== 0)
  }
}

function execute(body: readonly Stmt[], cells: State): void {
  for (const stmt of body) {
    if (stmt.do === 'set') cells[stmt.name] = evaluate(stmt.value, cells)
    else if (stmt.do === 'if') execute(evaluate(stmt.test, cells) ? stmt.yes : stmt.no, cells)
    else if (stmt.do === 'switch') {
      const value = evaluate(stmt.on, cells)
      execute(stmt.cases.find(one => one.value === value)?.body ?? stmt.otherwise, cells)
    }
  }
}
