/**
 * Faults that would let a world hold because nothing happens in it, or because something other happens than in
 * its machines.
 */

import { describe, expect, test } from 'vitest'
import { assign, setup } from 'xstate'
import { explore } from '../search/explore.ts'
import { walk } from '../search/walk.ts'
import { SLOW } from '../testing/limits.ts'
import { placeOf } from './place.ts'
import { stepFunction } from './standalone.ts'
import { lower } from './step.ts'
import { snapshotOf } from './testing/byXstate.ts'
import { endless, listOf, lowerEndless } from './testing/endless.ts'
import { afterwards, rule, world } from './testing/smallWorld.ts'
import { bits, startedAt } from './value.ts'
import { can, step } from './world.ts'

const MOST = 5
const machine = setup({
  types: {} as { context: { n: number; list: number } },
  guards: {
    below: ({ context }) => context.n < MOST,
    big: ({ context }) => context.n > 1,
    found: ({ context }) => [1, 2, 3][context.n] === 2 && 7 % context.list === 0,
  },
  actions: { more: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({
  id: 'm',
  context: { n: 2, list: 1 },
  initial: 'UP',
  states: {
    DOWN: { on: { GO: 'UP' } },
    UP: {
      on: {
        MORE: { guard: 'below', actions: 'more' },
        FIND: { guard: 'found', target: 'DOWN' },
        NOISE: {},
        SELF: 'UP',
        FIRST: [{ guard: 'big' }, { actions: 'more' }],
      },
    },
  },
})
const m = lower(machine, { MOST })
const place = () => ({ m: placeOf(m, { n: 3, list: 2 }) })
type W = { m: Record<string, number> }
const can1 = (event: string) => new Function('w', `return can('m', w.m, '${event}')`) as (w: W) => boolean

test('functions of a machine see its own names instead of those of the world', async () => {
  const more = {
    ...rule((w: W) => step('m', w.m, 'MORE')),
    when: (w: W) => can('m', w.m, 'MORE'),
  }
  for (const scope of [{}, { MOST: 3 }]) {
    const { system } = world(place(), { machines: { m }, rules: [more], scope })
    expect(await explore(system, { memoryMb: 16 })).toMatchObject({ distinct: 4 })
  }
})

test.for(['NOISE', 'SELF', 'FIRST', 'MORE', 'FIND', 'GO'])('can() of %s agrees with XState', event => {
  for (const n of [0, 1, 2, 5]) {
    const state = { n, list: 1, m: 1 }
    const { system } = world(
      { m: { n: startedAt(3, n), list: bits(2, 1), m: bits(1, 1) } },
      { machines: { m }, rules: [{ ...rule(() => {}), when: can1(event) }] },
    )
    const enabled = () => {
      const walker = walk(system)
      return walker.enabled(walker.initial()).length > 0
    }
    // XState reads undefined beyond the end of a list; the discipline rejects.
    if (event === 'FIND' && n > 2) expect(enabled).toThrow('CHK008')
    else expect(enabled()).toBe(snapshotOf(machine, m.tables, state).can({ type: event }))
  }
})

describe('is rejected', () => {
  const worldOf = (given: object) => () => world(place(), { machines: { m }, ...given })
  const go = rule(() => {})
  const invariant = { id: 'i', holds: () => true }
  const cases: readonly [what: string, given: object, code: string][] = [
    ['an unknown event of step()', { rules: [rule((w: W) => step('m', w.m, 'MROE'))] }, 'LOWER_NAME'],
    ['an unknown event of can()', { rules: [{ ...go, when: can1('MROE') }] }, 'LOWER_NAME'],
    ['two rules of one name', { rules: [go, go] }, 'LOWER_NAME'],
    ['two invariants of one id', { invariants: [invariant, invariant] }, 'LOWER_NAME'],
    ['an id of the checker', { invariants: [{ ...invariant, id: 'deadlock' }] }, 'LOWER_NAME'],
    ['an unknown kind', { rules: [{ ...go, kind: 'protocoll' }] }, 'LOWER_NAME'],
    ['another step()', { scope: { step: () => {} } }, 'LOWER_NAME'],
    ['a name of its own in the shape', { shape: { was: bits(1) } }, 'LOWER_NAME'],
    ['two variables of one name', { shape: { 'a.b': bits(1), a: { b: bits(1) } } }, 'LOWER_NAME'],
    ['no list of witnesses', { witnesses: undefined }, 'LOWER_TYPE'],
    ['no final', { final: undefined }, 'LOWER_TYPE'],
    [
      'a place that starts in another state',
      {
        shape: { m: { n: bits(3, 2), list: bits(2, 1), m: bits(1) } },
        rules: [rule((w: W) => step('m', w.m, 'GO'))],
      },
      'LOWER_INITIAL',
    ],
    [
      'a place that starts with other registers',
      {
        shape: { m: { n: bits(3), list: bits(2, 1), m: bits(1, 1) } },
        rules: [rule((w: W) => step('m', w.m, 'GO'))],
      },
      'LOWER_INITIAL',
    ],
    [
      'two machines in one place',
      {
        machines: { m, other: m },
        rules: [
          rule((w: W) => {
            step('m', w.m, 'GO')
            step('other', w.m, 'GO')
          }),
        ],
      },
      'LOWER_NAME',
    ],
    ['a known index beyond the end', { final: () => [1, 2][2] === 0 }, 'LOWER_RANGE'],
    ['a known remainder by 0', { final: () => 5 % 0 === 0 }, 'LOWER_RANGE'],
    ['a known number beyond 2^53', { final: () => 9007199254740991 + 1 === 0 }, 'LOWER_RANGE'],
    [
      'a function that returns a value on some ways only',
      {
        scope: {
          half: (n: number) => {
            if (n > 1) return 1
          },
        },
        rules: [
          rule((w: W) => {
            w.m.n = half(w.m.n as number)
          }),
        ],
      },
      'LOWER_SYNTAX',
    ],
  ]
  test.for(cases)('%s', ([, given, code]) => {
    expect(worldOf(given)).toThrow(expect.objectContaining({ code }))
  })
})
declare const half: (n: number) => number

test('the running step rejects an index and a remainder, and names the transition', () => {
  const run = stepFunction(m, { fields: { MORE: [], FIND: [], NOISE: [], SELF: [], FIRST: [], GO: [] } })
  const find = (n: number, list: number) => () => run.step({ n, list, m: 1 }, { type: 'FIND' }, [], [])
  const rejected = expect.objectContaining({ code: 'LOWER_RANGE', where: 'm.UP FIND, guard' })
  expect(find(3, 1)).toThrow(rejected)
  expect(find(1, 0)).toThrow(rejected)
  expect(find(1, 1)).not.toThrow()
})

describe('the lowered code grows linearly with the source', () => {
  const sizeOf = (take: (w: never) => void, shape: object) =>
    JSON.stringify(world(shape as never, { rules: [rule(take)] }).system.rules).length
  test('an item that is computed from another item', () => {
    const take = (w: { a: number[]; i: number }) => {
      w.a[w.i] = 1 - (w.a[w.i + 1] as number)
    }
    expect(sizeOf(take, listOf(512))).toBeLessThan(3 * sizeOf(take, listOf(256)))
  })

  test('early returns in a row', () => {
    const returns = (n: number) => {
      const lines = Array.from(
        { length: n },
        (_, i) => `if (w.x === ${i}) { w.y = ${i}; if (w.y > 20) return }`,
      )
      return new Function('w', `${lines.join('\n')}\nw.x = (w.x + 1) & 31`) as (w: never) => void
    }
    expect(sizeOf(returns(24), listOf(1))).toBeLessThan(3 * sizeOf(returns(12), listOf(1)))
    expect(afterwards(listOf(1) as never, returns(24) as never)).toMatchObject({ x: 1, y: 0 })
  })

  const tooLong = expect.objectContaining({ code: 'LOWER_SIZE' })

  test.for(['calls of calls', 'a sum of many'] as const)(
    '%s that grow beyond all bounds are rejected',
    SLOW,
    name => {
      expect(() => lowerEndless(endless[name])).toThrow(tooLong)
    },
  )

  test('so is a predicate of calls in arguments', () => {
    const calls = Array(30)
      .fill(0)
      .reduce((inner: string) => `least(${inner}, w.y)`, 'w.x')
    const holds = new Function('w', `return ${calls} < 9`) as never
    const given = {
      scope: { least: (p: number, q: number) => (p < q ? p : q) },
      invariants: [{ id: 'i', holds }],
    }
    expect(() => world(listOf(1) as never, given)).toThrow(tooLong)
  })
})
