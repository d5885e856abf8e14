import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assign, setup } from 'xstate'
import { get, number } from '../ir/expression.ts'
import type { Stmt } from '../ir/ir.ts'
import { bodiesOf } from '../ir/statement.ts'
import { SLOW } from '../testing/limits.ts'
import { standing } from './kinds.ts'
import { type Emitted, keyOf, type Memory } from './memory.ts'
import { type LoweredMachine, lower } from './step.ts'
import { EVENTS, fields, machines, scope } from './testing/machines.ts'
import { dynamic, type Fields, truthValue, type Value } from './value.ts'

class Forgetful extends Map<string, Emitted> {
  override get(): undefined {}
}

/** Counts what is remembered. */
class Counting extends Map<string, Emitted> {
  hits = 0
  /** Those that made locals. */
  shifted = 0
  override get(key: string): Emitted | undefined {
    const known = super.get(key)
    if (known) this.hits++
    if (known && known.made.length > 0) this.shifted++
    return known
  }
}

/** Returns the statements of several steps. With `apart`, there is a local before each, so that numbers differ. */
function stepped(machine: LoweredMachine, memory: Memory, apart = true): Stmt[] {
  const c = standing(machine, { fields }, 'E', memory)
  const { evaluator } = c
  const onEffect = (effect: string, params: Value): void => {
    const entries = Object.entries((params as Fields).fields)
    const args = entries.map(([name, value]) => ({ name, value: evaluator.expr(value) }))
    evaluator.emit({ do: 'if', test: get('state.a'), yes: [{ do: 'emit', effect, args }], no: [] })
  }
  return evaluator.collect(() => {
    for (const event of [...EVENTS, ...EVENTS]) {
      if (apart) evaluator.local('between', number(0))
      machine.step({ ...c, onEffect, onTransition: () => {} }, event)
    }
  })
}

test('statements that are remembered are those that lowering would emit again', SLOW, () => {
  const counting = { hits: 0, shifted: 0 }
  fc.assert(
    fc.property(machines, ({ machine }) => {
      const lowered = lower(machine, scope)
      const memory = new Counting()
      const remembered = stepped(lowered, memory)
      counting.hits += memory.hits
      counting.shifted += memory.shifted
      expect(remembered).toEqual(stepped(lowered, new Forgetful()))
    }),
    { numRuns: 20 },
  )
  // Measured with 20 machines: 1400 remembered, 700 with locals.
  expect(counting.hits).toBeGreaterThan(100)
  expect(counting.shifted).toBeGreaterThan(20)
})

const rest = ({ context, event }: { context: { a: number }; event: { x: number } }) => context.a % event.x
const doing = { actions: ['keep', { type: 'tell', params: { p: 1 } }] }
const small = lower(
  setup({
    types: {} as never,
    actions: { keep: assign({ a: rest as never }), tell: () => {} },
  }).createMachine({
    id: 'small',
    context: { a: 0 } as never,
    initial: 'HERE',
    states: { HERE: { on: { E: doing, F: doing } } },
  } as never) as never,
)

test('no list of statements stands twice in one body', () => {
  const lists: (readonly Stmt[])[] = []
  const visit = (list: readonly Stmt[]): void => {
    lists.push(list)
    for (const stmt of list) for (const inner of bodiesOf(stmt)) visit(inner)
  }
  const memory = new Counting()
  visit(stepped(small, memory, false))
  expect(memory.hits).toBe(6)
  expect(new Set(lists).size).toBe(lists.length)
})

test('a check that is remembered names the transition where it stands', () => {
  const [, first, , second] = stepped(small, new Map())
  expect(JSON.stringify(first)).toContain('"where":"small.HERE E, action keep"')
  expect(JSON.stringify(second)).toContain('"where":"small.HERE F, action keep"')
})

test('only equal values have the same key', () => {
  const read = (name: string): Value => dynamic({ op: 'get', name })
  const record = (fields: Record<string, Value>): Value => ({ kind: 'record', fields })
  const values: readonly Value[] = [
    ...[
      0,
      1,
      '1',
      undefined,
      'undefined',
      truthValue(true),
      read('a'),
      read('1'),
      dynamic({ op: 'get', name: 'a' }, 'truth'),
    ],
    ...[
      record({}),
      record({ a: 1 }),
      record({ a: 1, b: 2 }),
      record({ a: read('a') }),
      record({ a: record({ b: 1 }) }),
    ],
    ...([
      { kind: 'list', items: [] },
      { kind: 'list', items: [1] },
      { kind: 'list', items: [1, 1] },
    ] as const),
  ]
  const keys = values.map(keyOf)
  expect(keys).not.toContain(undefined)
  expect(new Set(keys).size).toBe(values.length)
  expect(keyOf(dynamic({ op: '!', of: { op: 'get', name: 'a' } }))).toBe(undefined)
})
