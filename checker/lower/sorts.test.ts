/** JavaScript distinguishes true from 1. Lowering rejects code whose result would depend on the difference. */
import { describe, expect, test } from 'vitest'
import { assign } from 'xstate'
import { lower } from './step.ts'
import { machine, on, rejection } from './testing/rejection.ts'
import { afterwards, rule, world } from './testing/smallWorld.ts'
import { bits } from './value.ts'
import { can, step } from './world.ts'

const written = (text: string) => new Function(`return ${text}`)()
const shape = { a: bits(4, 1), b: bits(4, 2), out: bits(4), list: [bits(2, 1), bits(2, 2)] }
const scope = { ON: true, isBig: (n: number) => n > 3, big: (n: number) => (n > 3 ? 1 : 0) }
const lowered = (text: string) => () =>
  world(shape, { scope, invariants: [{ id: 'i', holds: new Function('w', `return ${text}`) as never }] })
const rejected = expect.objectContaining({ code: 'LOWER_TYPE' })

test.for([
  '(w.a < 2) === 1',
  '(w.a < 2) !== 1',
  'w.a === true',
  'w.a === ON',
  'ON === 1',
  'isBig(w.a) === w.b',
  '(w.a > 3 && w.b) === 0',
  '(w.a > 3 || w.b) === 1',
  '(w.a ? true : w.b) === true',
  '(w.a - 3 && true) === 1',
  '[w.a > 3, 1][0] === 1',
  '[w.a > 3, 1][w.a] === 1',
  '({ x: w.a > 3 }).x === 1',
  'w.list.map(x => x > 1)[0] === 1',
  'w.list.some(x => x > 1) === 1',
  'w.list[w.a > 3] === 1',
  'w.list[true] === 1',
])('%s is rejected', text => {
  expect(lowered(text)).toThrow(rejected)
})

test.for([
  '(w.a > 3) === (w.b > 3)',
  '!w.a !== ON',
  'isBig(w.a) === w.list.every(x => x > 1)',
  'big(w.a) === 1',
  '(w.a > 3) + (w.b > 3) < 2',
  'w.a > 3 && w.b',
  "('x' === 'y') === false",
])('%s is accepted', text => {
  expect(lowered(text)).not.toThrow()
})

describe('a name that is stored to', () => {
  const take = (text: string) => new Function('w', text) as never
  test.for([
    'let found = 0; found = w.a > 0; w.out = found === 1 ? 1 : 2',
    'let found = false; found = w.a; w.out = 1',
    'let found = true; found += 1; w.out = found',
  ])('%s is rejected', text => {
    expect(() => afterwards(shape, take(text))).toThrow(rejected)
  })

  test('keeps its sort', () => {
    const text = 'let found = false; for (const x of w.list) found = found || x === 2; w.out = found ? 5 : 6'
    expect(afterwards(shape, take(text))).toMatchObject({ out: 5 })
  })

  test.for([
    '[w.a, w.b][0] = 9',
    'const cells = { x: w.a }; cells.x = 9',
    'of(w)[0] = 9',
  ])('%s is rejected: JavaScript stores into a list that is gone at once', text => {
    const of = (w: { a: number }) => [w.a]
    expect(() => afterwards(shape, take(text), { of })).toThrow(rejected)
  })
})

describe('a machine is given numbers', () => {
  const isBig = (n: number) => n > 1
  test('in registers and in parameters of effects, also by a helper', () => {
    const store = written('({ context }) => isBig(context.a)')
    const assigns = machine({
      actions: { store: assign({ a: store as never }) },
      here: on({ actions: 'store' }),
    })
    expect(rejection(assigns, { isBig })).toMatchObject({
      code: 'LOWER_TYPE',
      where: 'left.HERE GO, action store',
    })
    const params = written('({ context }) => ({ flag: isBig(context.a) })')
    const emits = machine({ actions: { e: () => {} }, here: on({ actions: { type: 'e', params } }) })
    expect(rejection(emits, { isBig })).toMatchObject({ code: 'LOWER_TYPE', where: 'left.HERE GO, action e' })
  })

  test('in the fields of an event', () => {
    const guards = { g: written('({ event }) => event.x === 1') }
    const m = lower(machine({ guards, here: on({ guard: 'g', target: 'THERE' }) }))
    const place = { m: { a: bits(2), b: bits(2), left: bits(2), right: bits(2) } }
    type W = { m: never; a: number }
    const run = (given: object) => () => world({ ...place, a: bits(2) }, { machines: { m }, ...given })
    expect(run({ rules: [rule((w: W) => step('m', w.m, 'GO', { x: w.a < 2 }))] })).toThrow(rejected)
    expect(run({ final: (w: W) => can('m', w.m, 'GO', { x: w.a < 2 }) })).toThrow(rejected)
  })
})

test.for([0.5, Number.NaN, 2 ** 60])('%s is no argument of a rule, and no constant of a shape', number => {
  const go = { ...rule(() => {}), over: { i: [number] } }
  expect(() => world(shape, { rules: [go] })).toThrow(rejected)
  expect(() => world({ ...shape, limit: number }, {})).toThrow(rejected)
})

test('a shape without a value is rejected', () => {
  expect(() => world({ part: null } as never, {})).toThrow(rejected)
})
