import * as fc from 'fast-check'
import type { BinaryOp, Expr, Rule, Stmt, System, Variable } from '../ir/ir.ts'
import { at } from '../text/at.ts'

/**
 * Small random Systems that use all of the intermediate form: every operator, nested ifs and switches, scratch
 * cells, locals, `was.` names, and widths of every kind. A variable takes at most eight values, so at most 8^3
 * states exist. No expression leaves 32 bits, and no divisor is zero.
 */
export const arbitrarySystem: fc.Arbitrary<System> = fc
  .array(fc.constantFrom(1, 2, 3, 8, 9, 15, 16, 31), { minLength: 1, maxLength: 3 })
  .chain(widths => {
    const variables = widths.map((bits, i) => ({ name: at(NAMES, i), bits, initial: 0 }))
    const before = variables.map(one => `was.${one.name}`)
    return fc
      .record({
        rules: fc.array(rule(variables), { minLength: 1, maxLength: 5 }),
        state: truth(NAMES.slice(0, widths.length)),
        step: truth([...NAMES.slice(0, widths.length), ...before, ...SCRATCH]),
      })
      .map(({ rules, state, step }) => ({
        name: 'random',
        variables,
        scratch: SCRATCH,
        rules: rules.map((one, i) => ({ ...one, name: `rule(${i})` })),
        invariants: [
          { id: 'state', holds: state, ofStep: false },
          { id: 'step', holds: step, ofStep: true },
        ],
        recoveries: [],
        liveness: [],
        witnesses: [],
        final: number(0),
        coverage: ['a point'],
      }))
  })

/** Names that collide as identifiers, or that mean something in Promela or C. */
const NAMES = ['x.0', 'x[0]', 'do']
const SCRATCH = ['told', 'x_0']
const LOCALS = ['told_2', 'packet']
/** Scratch cells and locals hold as many values as variables do. */
const CELLS: Variable[] = [...SCRATCH, ...LOCALS].map(name => ({ name, bits: 3, initial: 0 }))

function rule(variables: readonly Variable[]): fc.Arbitrary<Rule> {
  const names = variables.map(one => one.name)
  const readable = [...names, ...SCRATCH, ...LOCALS]
  const { body } = fc.letrec<{ body: Stmt[]; stmt: Stmt }>(tie => ({
    body: fc.array(tie('stmt'), { maxLength: 4 }),
    stmt: fc.oneof(
      { depthSize: 'small' },
      { weight: 4, arbitrary: assignment([...variables, ...variables, ...CELLS], readable) },
      { weight: 2, arbitrary: choice(readable, tie('body')) },
      { weight: 1, arbitrary: multiway(readable, tie('body')) },
      { weight: 1, arbitrary: fc.constant<Stmt>({ do: 'cover', point: 0 }) },
    ),
  }))
  return fc
    .record({ guard: truth(names), first: fc.constantFrom(...variables).map(increment), body })
    .map(({ guard, first, body }) => ({
      name: 'named later',
      kind: 'protocol',
      helps: false,
      guard,
      // A name becomes a local because a statement stores into it.
      body: [first, ...body, ...LOCALS.map(name => store(name, 3, number(0)))],
    }))
}

/** True more often than not, so that rules are enabled and invariants hold. */
function truth(names: readonly string[]): fc.Arbitrary<Expr> {
  const differs = fc
    .tuple(fc.constantFrom(...names), fc.nat(7))
    .map(([name, value]) => binary('!=', get(name), number(value)))
  const either = fc
    .tuple(expression(names), expression(names))
    .map(([left, right]) => binary('||', left, right))
  return fc.oneof(fc.constant(number(1)), differs, expression(names), either)
}

/** A rule that keeps a walk going. Without it most random systems have one state. */
function increment({ name, bits }: Variable): Stmt {
  return store(
    name,
    bits,
    binary('+', bits <= 3 ? get(name) : binary('>>', get(name), number(bits - 3)), number(1)),
  )
}

/** Stores the low bits of `value`; in a wide cell, at its upper end. */
function store(name: string, bits: number, value: Expr): Stmt {
  const low = binary('&', value, number(bits < 3 ? 2 ** bits - 1 : 7))
  return { do: 'set', name, value: bits <= 3 ? low : binary('<<', low, number(bits - 3)) }
}

function assignment(cells: readonly Variable[], readable: readonly string[]): fc.Arbitrary<Stmt> {
  return fc
    .tuple(fc.constantFrom(...cells), expression(readable))
    .map(([{ name, bits }, value]) => store(name, bits, value))
}

function choice(readable: readonly string[], body: fc.Arbitrary<Stmt[]>): fc.Arbitrary<Stmt> {
  return fc.record({ test: expression(readable), yes: body, no: body }).map(parts => ({ do: 'if', ...parts }))
}

function multiway(readable: readonly string[], body: fc.Arbitrary<Stmt[]>): fc.Arbitrary<Stmt> {
  const cases = fc.uniqueArray(fc.record({ value: fc.nat(3), body }), {
    maxLength: 3,
    selector: one => one.value,
  })
  return fc
    .record({ on: expression(readable), cases, otherwise: body })
    .map(parts => ({ do: 'switch', ...parts }))
}

/**
 * Expressions that read `names`. Sums, products and shifts are of small numbers, so that nothing leaves 32
 * bits.
 */
function expression(names: readonly string[]): fc.Arbitrary<Expr> {
  const cell = fc.constantFrom(...names).map(get)
  const literal = fc.nat(7).map(number)
  const small = fc.oneof(
    literal,
    cell.map(one => binary('%', one, number(8))),
  )
  const pair = (ops: readonly BinaryOp[], side: fc.Arbitrary<Expr>) =>
    fc.tuple(fc.constantFrom(...ops), side, side).map(([op, left, right]) => binary(op, left, right))
  return fc.letrec<{ any: Expr }>(tie => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 1, arbitrary: literal },
      { weight: 3, arbitrary: cell },
      { weight: 3, arbitrary: pair(['==', '!=', '<', '<=', '>', '>=', '&&', '||', '&', '|'], tie('any')) },
      { weight: 3, arbitrary: pair(['+', '-', '*', '<<', '>>'], small) },
      { weight: 1, arbitrary: tie('any').map((of): Expr => ({ op: '!', of })) },
      {
        weight: 1,
        arbitrary: fc
          .record({ test: tie('any'), yes: tie('any'), no: tie('any') })
          .map((parts): Expr => ({ op: '?', ...parts })),
      },
    ),
  })).any
}

function number(value: number): Expr {
  return { op: 'number', value }
}

function get(name: string): Expr {
  return { op: 'get', name }
}

function binary(op: BinaryOp, left: Expr, right: Expr): Expr {
  return { op, left, right }
}
