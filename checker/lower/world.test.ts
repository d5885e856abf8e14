import { describe, expect, test } from 'vitest'
import { assign, setup } from 'xstate'
import { walk } from '../search/walk.ts'
import { at } from '../text/at.ts'
import { LowerError } from './errors.ts'
import { lower } from './step.ts'
import { rule, world } from './testing/smallWorld.ts'
import { bits, type View } from './value.ts'
import { can, lowerWhenRead, lowerWorld, step } from './world.ts'
import type { AnyWorld } from './worldSpec.ts'

/** Is in no scope. */
const missing = (_: unknown): void => {}

describe('a world', () => {
  interface Args {
    context: { count: number; limit: number }
    event: { type: 'ADD'; by: number }
  }
  const counter = lower(
    setup({
      types: {} as { context: Args['context']; events: Args['event'] },
      guards: { fits: ({ context, event }: Args) => context.count + event.by <= context.limit },
      actions: {
        add: assign({ count: ({ context, event }: Args) => context.count + event.by }),
        tell: (_, _params: { total: number }) => {},
      },
    }).createMachine({
      id: 'counter',
      context: { count: 0, limit: 0 },
      initial: 'OPEN',
      states: {
        OPEN: {
          on: {
            ADD: [
              {
                guard: 'fits',
                actions: ['add', { type: 'tell', params: ({ context }) => ({ total: context.count }) }],
              },
              { target: 'FULL' },
            ],
          },
        },
        FULL: {},
      },
    }),
  )

  /** Two counters, a place that keeps the last total, and a limit that is a constant. */
  const shape = {
    ticks: bits(4),
    last: bits(4),
    of: [
      { id: 1, limit: 5, counter: bits(1), count: bits(3) },
      { id: 2, limit: 3, counter: bits(1), count: bits(3) },
    ],
  }
  type W = View<typeof shape> & { did: { told: number; by: number } }

  const { spec, system } = world(shape, {
    did: ['told', 'by'],
    machines: { counter },
    effects: {
      tell: (w: W, self: W['of'][number], { total }: { total: number }) => {
        w.last = total
        w.did.told = self.id
      },
    },
    rules: [
      {
        name: 'add',
        kind: 'environment',
        over: { i: [0, 1], by: [1, 2] },
        when: (w: W, { i, by }: Record<string, number>) =>
          can('counter', w.of[i as number], 'ADD', { by: by as number }),
        take: (w: W, { i, by }: Record<string, number>) => {
          w.ticks = (w.ticks + 1) & 15
          w.did.by = by as number
          step('counter', w.of[i as number], 'ADD', { by: by as number })
        },
      },
      { name: 'never', kind: 'fault', when: () => false, take: () => {} },
    ],
    invariants: [
      {
        id: 'grows',
        holds: (w: W, was: W) => w.of.every((c, i) => c.count >= (was.of[i] as typeof c).count),
      },
      { id: 'tells', holds: (w: W) => w.did.told === 0 || w.did.told === 1 },
      {
        id: 'adds',
        holds: (w: W, was: W) => was.of.every(c => w.did.told !== c.id || w.last === c.count + w.did.by),
      },
      { id: 'bounded', holds: (w: W) => w.of.every(c => c.count <= c.limit) },
    ],
    witnesses: [{ name: 'full', seen: (w: W) => w.of.some(c => c.counter === 1) }],
    final: w => w.of.every(c => c.counter === 1),
  })
  const walker = walk(system)
  const named = (rules: readonly number[]) => rules.map(rule => at(system.rules, rule).name)
  const take = (state: ReturnType<typeof walker.initial>, name: string) =>
    walker.take(
      state,
      system.rules.findIndex(r => r.name === name),
    )

  test('lowered when it is read has the same rules, in whatever order they are read', () => {
    const { rules } = lowerWhenRead(spec as never).system
    const bodies = rules.toReversed().map(({ body }) => body)
    expect(rules).toEqual(system.rules)
    expect(bodies.toReversed()).toEqual(system.rules.map(({ body }) => body))
    expect(at(rules, 0).body).toBe(at(rules, 0).body)
  })

  test('reports an error in a rule at once, or when the rule is read', () => {
    const broken = { ...spec, rules: [rule<W>(w => missing(w))] }
    expect(() => lowerWorld(broken as never)).toThrow(/LOWER_NAME.*missing/)
    const { rules } = lowerWhenRead(broken as never).system
    expect(() => at(rules, 0).body).toThrow(/LOWER_NAME.*missing/)
  })

  test('has a rule for each possible combination of arguments', () => {
    expect(system.rules.map(r => r.name)).toEqual(['add(0,1)', 'add(0,2)', 'add(1,1)', 'add(1,2)'])
    expect(system.variables.map(v => v.name)).toEqual([
      ...['ticks', 'last', 'of[0].counter', 'of[0].count', 'of[1].counter', 'of[1].count'],
    ])
  })

  test('steps its machines, turns their effects into its own, and notes transitions', () => {
    const first = take(walker.initial(), 'add(0,2)')
    expect(walker.decode(first.state)).toMatchObject({
      ticks: 1,
      last: 2,
      'of[0].count': 2,
      'of[1].count': 0,
    })
    expect(first.coverage.map(point => system.coverage[point])).toEqual(['counter counter.OPEN ADD #1'])
    const third = take(take(first.state, 'add(0,2)').state, 'add(0,2)')
    expect(walker.decode(third.state)).toMatchObject({
      ticks: 3,
      last: 4,
      'of[0].count': 4,
      'of[0].counter': 1,
    })
    expect(third.seen).toEqual(['full'])
    expect(named(walker.enabled(third.state))).toEqual(['add(1,1)', 'add(1,2)'])
  })

  test('distinguishes invariants of steps from those of states, and gives steps the previous state and the cells of `did`', () => {
    expect(system.invariants.map(i => [i.id, i.ofStep])).toEqual([
      ...[
        ['grows', true],
        ['tells', true],
        ['adds', true],
        ['bounded', false],
      ],
    ])
    const first = take(walker.initial(), 'add(0,1)')
    expect(first.failed).toEqual([])
    // The second counter also reports a total, which violates the invariant `tells`.
    expect(take(first.state, 'add(1,2)').failed).toEqual(['tells'])
  })

  test.each<[string, Partial<AnyWorld>, string]>([
    [
      'a condition that does something',
      {
        final: (w: W) => {
          const x = w.last
          return x === 0
        },
      },
      'LOWER_SYNTAX',
    ],
    [
      'a condition that stores',
      {
        rules: [
          {
            ...rule(() => {}),
            when: (w: W) => {
              w.last = 1
              return true
            },
          },
        ],
      },
      'LOWER_SYNTAX',
    ],
    [
      'an effect that nobody handles',
      { effects: {}, rules: [rule((w: W) => step('counter', w.of[0], 'ADD', { by: 1 }))] },
      'LOWER_NAME',
    ],
    [
      'a machine that is not there',
      { rules: [rule((w: W) => step('clock', w.of[0], 'ADD', { by: 1 }))] },
      'LOWER_TYPE',
    ],
    [
      'an event without its field',
      { rules: [rule((w: W) => step('counter', w.of[0], 'ADD'))] },
      'LOWER_NAME',
    ],
    [
      'a machine in a place without its registers',
      { rules: [rule((w: W) => step('counter', w, 'ADD', { by: 1 }))] },
      'LOWER_NAME',
    ],
    [
      'a store to a constant of the world',
      {
        rules: [
          rule((w: W) => {
            ;(w.of[0] as { limit: number }).limit = 3
          }),
        ],
      },
      'LOWER_TYPE',
    ],
  ])('%s is rejected', (_, given, code) => {
    const lowered = () =>
      world(shape, { machines: { counter }, effects: { tell: () => {} }, ...(given as object) })
    expect(lowered).toThrow(expect.objectContaining({ code }))
    expect(lowered).toThrow(LowerError)
  })

  test('step and can throw outside of rules', () => {
    expect(() => step('counter', {}, 'ADD')).toThrow('LOWER_SOURCE')
    expect(() => can('counter', {}, 'ADD')).toThrow('LOWER_SOURCE')
  })
})
