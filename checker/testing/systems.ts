import fc from 'fast-check'
import type { BinaryOp, Expr, Rule, Stmt, System, Variable } from '../ir/ir.ts'
import { statementsIn } from '../ir/statement.ts'
import { at, must } from '../text/at.ts'

/** Operators of random expressions. Shifts are by constants only, see {@link shifted}. */
const OPS: readonly BinaryOp[] = ['+', '-', '*', '&', '|', '==', '!=', '<', '<=', '>', '>=', '&&', '||']

const SCRATCH = ['told', 'counted']
const LOCALS = ['x', 'y']
const POINTS = ['one', 'two', 'three']

/**
 * Random small systems whose stores all fit: every construct of the intermediate form, several words wide.
 */
export const systems: fc.Arbitrary<System> = fc
  .array(fc.record({ bits: fc.integer({ min: 1, max: 3 }), wide: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  })
  .chain(widths =>
    fc.tuple(...widths.map(({ bits }) => fc.nat(2 ** bits - 1))).map(initials =>
      widths.map(({ bits, wide }, index): Variable & { used: number } => ({
        name: `v${index}`,
        bits: wide ? bits + 20 : bits,
        initial: at(initials, index),
        used: bits,
      })),
    ),
  )
  .chain(variables => {
    const names = variables.map(({ name }) => name)
    const ofState = expressions(names)
    const ofStep = expressions([...names, ...names.map(name => `was.${name}`), ...SCRATCH])
    const used = new Map(variables.map(({ name, used }) => [name, used]))
    const predicate = (ofWhich: fc.Arbitrary<Expr>) => fc.oneof(ofWhich, comparisons(names))
    const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 })
    const checks = some(
      fc.boolean().chain(each => fc.tuple(fc.constant(each), predicate(each ? ofStep : ofState))),
    )
    return fc
      .record({
        rules: fc.array(rules(names, used), { minLength: 3, maxLength: 8 }),
        ending: endings(names, used),
        invariants: checks,
        recoveries: some(fc.tuple(predicate(ofState), predicate(ofState))),
        witnesses: checks,
        final: predicate(ofState),
      })
      .map(
        (made): System => ({
          name: 'random',
          variables: variables.map(({ name, bits, initial }) => ({ name, bits, initial })),
          scratch: SCRATCH,
          rules: made.rules.map((rule, index) => ({
            ...rule,
            name: `rule ${index}`,
            body: [...rule.body, ...made.ending],
          })),
          invariants: made.invariants.map(([each, holds], index) => ({
            id: `i${index}`,
            holds,
            ofStep: each,
          })),
          recoveries: made.recoveries.map(([when, goal], index) => ({ id: `r${index}`, when, goal })),
          liveness: [],
          witnesses: made.witnesses.map(([each, seen], index) => ({ name: `w${index}`, seen, ofStep: each })),
          final: made.final,
          coverage: POINTS,
        }),
      )
  })

/** Random expressions over `names`. */
export function expressions(names: readonly string[]): fc.Arbitrary<Expr> {
  const { expr } = fc.letrec<{ expr: Expr }>(tie => ({
    expr: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(...names).map((name): Expr => ({ op: 'get', name })),
      fc.integer({ min: -1, max: 7 }).map((value): Expr => ({ op: 'number', value })),
      fc
        .tuple(fc.constantFrom(...OPS), tie('expr'), tie('expr'))
        .map(([op, left, right]): Expr => ({ op, left, right })),
      tie('expr').map((of): Expr => ({ op: '!', of })),
      fc
        .tuple(tie('expr'), tie('expr'), tie('expr'))
        .map(([test, yes, no]): Expr => ({ op: '?', test, yes, no })),
      shifted(tie('expr')),
    ),
  }))
  return expr
}

/** Shifts and remainders by small constants, as models have them. */
function shifted(of: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
  const by = fc.integer({ min: 1, max: 3 })
  return fc
    .tuple(fc.constantFrom<BinaryOp>('<<', '>>', '%'), of, by)
    .map(([op, left, value]): Expr => ({ op, left: masked(left, 7), right: { op: 'number', value } }))
}

/**
 * Comparisons with constants. Unlike random expressions, they often hold in some states and not in others.
 */
function comparisons(names: readonly string[]): fc.Arbitrary<Expr> {
  const ops = fc.constantFrom<BinaryOp>('==', '!=', '<', '>=')
  return fc
    .tuple(ops, fc.constantFrom(...names), fc.nat(5))
    .map(([op, name, value]): Expr => ({ op, left: { op: 'get', name }, right: { op: 'number', value } }))
}

function masked(expr: Expr, mask: number): Expr {
  return { op: '&', left: expr, right: { op: 'number', value: mask } }
}

function rules(names: readonly string[], used: ReadonlyMap<string, number>): fc.Arbitrary<Rule> {
  return fc.record({
    name: fc.constant(''),
    kind: fc.constantFrom('protocol', 'environment', 'fault'),
    helps: fc.boolean(),
    guard: fc.oneof({ weight: 3, arbitrary: comparisons(names) }, expressions(names)),
    body: bodies(names, used),
  })
}

function bodies(names: readonly string[], used: ReadonlyMap<string, number>): fc.Arbitrary<readonly Stmt[]> {
  const values = expressions([...names, ...SCRATCH])
  const locals = LOCALS.map((name): Stmt => ({ do: 'set', name, value: { op: 'get', name: at(names, 0) } }))
  const inner = expressions([...names, ...SCRATCH, ...LOCALS])
  const { body } = fc.letrec<{ stmt: Stmt; body: Stmt[] }>(tie => ({
    body: fc.array(tie('stmt'), { maxLength: 4 }),
    stmt: fc.oneof(
      { maxDepth: 2 },
      fc.tuple(fc.constantFrom(...names, ...SCRATCH, ...LOCALS), inner).map(([name, value]): Stmt => {
        return { do: 'set', name, value: masked(value, 2 ** (used.get(name) ?? 5) - 1) }
      }),
      increments(names, used),
      fc.nat(POINTS.length - 1).map((point): Stmt => ({ do: 'cover', point })),
      fc
        .tuple(values, tie('body'), tie('body'))
        .map(([test, yes, no]): Stmt => ({ do: 'if', test, yes, no })),
      fc.tuple(values, tie('body'), tie('body'), tie('body')).map(([on, zero, two, otherwise]): Stmt => {
        return {
          do: 'switch',
          on,
          cases: [
            { value: 0, body: zero },
            { value: 2, body: two },
          ],
          otherwise,
        }
      }),
    ),
  }))
  return fc.tuple(increments(names, used), body).map(([first, made]) => [...locals, first, ...made])
}

const LONG = 60

/** Nothing, or so many statements that rules that end with them are joined. */
function endings(names: readonly string[], used: ReadonlyMap<string, number>): fc.Arbitrary<readonly Stmt[]> {
  return fc.option(bodies(names, used), { freq: 2 }).map(body => {
    return body === null
      ? []
      : Array(Math.ceil(LONG / statementsIn(body)))
          .fill(body)
          .flat()
  })
}

/** Rules that count up and around, for large state spaces. */
function increments(names: readonly string[], used: ReadonlyMap<string, number>): fc.Arbitrary<Stmt> {
  return fc.constantFrom(...names).map((name): Stmt => {
    const more: Expr = { op: '+', left: { op: 'get', name }, right: { op: 'number', value: 1 } }
    return { do: 'set', name, value: masked(more, 2 ** must(used.get(name)) - 1) }
  })
}
