import { describe, expect, test } from 'vitest'
import type { Expr, Rule, Stmt, System } from '../../ir/ir.ts'
import { must } from '../../text/at.ts'
import { promelaExpr } from './expressions.ts'
import { PromelaNames } from './names.ts'
import { PromelaError, promela } from './promela.ts'

const get = (name: string): Expr => ({ op: 'get', name })
const number = (value: number): Expr => ({ op: 'number', value })
const binary = (op: string, left: Expr, right: Expr) => ({ op, left, right }) as Expr
const set = (name: string, value: Expr): Stmt => ({ do: 'set', name, value })
const rule = (name: string, guard: Expr, body: readonly Stmt[]): Rule => {
  return { name, kind: 'protocol', helps: false, guard, body }
}

const less = (name: string, value: number) => binary('<', get(name), number(value))

/** A counter that counts to 9 and wraps, and that notes each third number. */
const counter: System = {
  name: 'counter',
  variables: [
    { name: 'host.count', bits: 4, initial: 2 },
    { name: 'wide', bits: 16, initial: 0 },
  ],
  scratch: ['third'],
  rules: [
    rule('count', binary('&&', less('host.count', 9), { op: '!', of: get('wide') }), [
      set('next', binary('+', get('host.count'), number(1))),
      {
        do: 'switch',
        on: binary('%', get('next'), number(3)),
        cases: [{ value: 0, body: [set('third', number(1)), set('host.count', get('next'))] }],
        otherwise: [{ do: 'cover', point: 0 }, set('host.count', get('next'))],
      },
    ]),
    rule('wrap', number(1), [
      { do: 'if', test: get('wide'), yes: [{ do: 'cover', point: 0 }], no: [set('host.count', number(0))] },
    ]),
  ],
  invariants: [
    { id: '1', holds: less('host.count', 10), ofStep: false },
    { id: '2', holds: binary('||', get('third'), less('was.host.count', 9)), ofStep: true },
  ],
  recoveries: [],
  liveness: [],
  witnesses: [],
  final: number(0),
  coverage: ['a point'],
}

const PRINTED = `
/* The state. */
byte host_count = 2; /* host.count */
int wide = 0;

/* No part of the state: dead between two steps. */
hidden int local_next;
hidden int switched_value;
hidden int scratch_third;

init {
end:
  do
  /* count */
  :: d_step { host_count < 9 && !wide ->
      local_next = host_count + 1;
      switched_value = local_next % 3;
      if
      :: switched_value == 0 ->
         scratch_third = 1;
         host_count = local_next
      :: else -> host_count = local_next
      fi
    }
  /* wrap */
  :: d_step { 1 ->
      if
      :: wide -> skip
      :: else -> host_count = 0
      fi
    }
  od
}
`

describe('a System in Promela', () => {
  test('is one process with a step for each rule', () => {
    expect(promela(counter)).toContain(PRINTED)
  })

  test('keeps its state in bit-fields on request', () => {
    const text = promela(counter, { storage: 'bits' })
    expect(text).toContain('unsigned host_count : 4 = 2; /* host.count */\nunsigned wide : 16 = 0;\n')
  })

  test('has its rules in C on request', () => {
    const text = promela(counter, { bodies: 'c' })
    expect(text).toContain(`
  :: d_step { host_count < 9 && !wide ->
      c_code {
        local_next = now.host_count + 1;
        switch (local_next % 3) {
        case 0:
          scratch_third = 1;
          now.host_count = local_next;
          break;
        default:
          now.host_count = local_next;
          break;
        }
      }
    }
`)
  })

  test('asserts state invariants where they are violated, and step invariants after each step', () => {
    const text = promela(counter, { asserts: true })
    expect(text).toContain('inline after_step() {\n  assert(scratch_third || was_host_count < 9); /* 2 */\n}')
    expect(text.match(/scratch_third = 0;\n {6}was_host_count = host_count;/g)).toHaveLength(2)
    expect(text).toContain('  /* invariant 1 */\n  :: !(host_count < 10) -> assert(host_count < 10)\n')
  })

  test('sets to zero what a rule may read before it stores into it, and nothing else', () => {
    const read = set('wide', get('third'))
    const on = (yes: Stmt[], no: Stmt[]): Stmt => ({ do: 'if', test: get('wide'), yes, no })
    const zeroed = (...body: Stmt[]) =>
      promela({ ...counter, rules: [rule('r', number(1), body)] }).includes('scratch_third = 0')
    expect(zeroed(read)).toBe(true)
    expect(zeroed(set('third', number(1)), read)).toBe(false)
    expect(zeroed(on([set('third', number(1))], []), read)).toBe(true)
    expect(zeroed(on([set('third', number(1))], [set('third', number(2))]), read)).toBe(false)
    const paths = (...bodies: Stmt[][]): Stmt => {
      const cases = bodies.map((body, value) => ({ value, body }))
      return { do: 'switch', on: get('wide'), cases, otherwise: [set('third', number(3))] }
    }
    expect(zeroed(paths([set('third', number(1))], []), read)).toBe(true)
    expect(zeroed(paths([set('third', number(1))], [set('third', number(2))]), read)).toBe(false)
  })

  test('breaks long guards into lines that spin does not read as statements', () => {
    const terms = Array.from({ length: 6 }, (_, i) => binary('==', get('a.rather.long.name'), number(i)))
    const long = promela({
      ...counter,
      rules: [
        rule(
          'r',
          terms.reduce((a, b) => binary('&&', a, b)),
          [],
        ),
      ],
    })
    const lines = long.split('\n').filter(line => line.includes('a_rather_long_name =='))
    expect(lines).toHaveLength(6)
    expect(lines.map(line => line.slice(-3))).toEqual([' &&', ' &&', ' &&', ' &&', ' &&', ' ->'])
  })

  test('has no effects', () => {
    const emits = {
      ...counter,
      rules: [rule('send', number(1), [{ do: 'emit', effect: 'transmit', args: [] }])],
    }
    expect(() => promela(emits)).toThrow(PromelaError)
    expect(() => promela(emits)).toThrow('PML001: rule send emits the effect transmit')
  })

  test('does not let a name end a comment', () => {
    expect(promela({ ...counter, name: 'a */ b' })).toContain('/* a * / b: 2 variables')
  })
})

describe('an expression in Promela', () => {
  const [a, b, c] = [get('a'), get('b'), get('c')]
  test.for<[Expr, string]>([
    [binary('&&', binary('&&', a, b), binary('<', a, c)), 'a && b && a < c'],
    [binary('||', binary('&&', a, b), c), '(a && b) || c'],
    [binary('&', binary('+', a, b), number(7)), '(a + b) & 7'],
    [binary('-', a, binary('-', b, c)), 'a - (b - c)'],
    [binary('-', binary('-', a, b), c), '(a - b) - c'],
    [binary('+', a, binary('*', b, c)), 'a + b * c'],
    [binary('*', binary('+', a, b), c), '(a + b) * c'],
    [binary('==', binary('==', a, b), c), '(a == b) == c'],
    [binary('==', binary('<', a, b), c), '(a < b) == c'],
    [binary('-', a, number(-1)), 'a - (-1)'],
    // "!!" is an operator of its own.
    [{ op: '!', of: { op: '!', of: a } }, '!(!a)'],
    [{ op: '?', test: binary('<', a, b), yes: c, no: number(0) }, '((a < b) -> c : 0)'],
  ])('%j is %s', ([expr, text]) => {
    expect(promelaExpr(expr, { name: name => name, arrow: '->' })).toBe(text)
  })
})

describe('a name in Promela', () => {
  test.for([
    ['client.state', 'client_state'],
    ['net[0].kind', 'net_0_kind'],
    ['do', 'v_do'],
    ['2nd', 'v_2nd'],
    ['MA', 'v_MA'],
  ])('%s is %s', ([name, id]) => {
    expect(new PromelaNames().of(must(name))).toBe(id)
  })

  test('is the same for the same cell, and different for another cell', () => {
    const names = new PromelaNames()
    const all = [names.of('a.b'), names.of('a_b'), names.of('b', 'a'), names.of('a.b_2')]
    expect(new Set(all).size).toBe(4)
    expect(names.of('a_b')).toBe(all[1])
  })
})
