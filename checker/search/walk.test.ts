import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binary, get, number } from '../ir/expression.ts'
import { evaluate } from '../ir/interpret.ts'
import type { System } from '../ir/ir.ts'
import { CELL_BITS } from '../ir/widths.ts'
import { SLOW } from '../testing/limits.ts'
import { systems } from '../testing/systems.ts'
import { toy } from '../testing/toy.ts'
import { at } from '../text/at.ts'
import { walk } from './walk.ts'

const bounds = { capacity: 2, moves: 1, tries: 1 }

test('a walk reports coverage, state and enabled rules', () => {
  const walker = walk(toy(bounds))
  const names = (rules: readonly number[]) => rules.map(rule => at(walker.system.rules, rule).name)
  const start = walker.initial()
  expect(names(walker.enabled(start))).toEqual(['move(0)', 'move(1)'])
  const moved = walker.take(start, 0)
  expect(walker.decode(moved.state)).toMatchObject({ snd0: 1, una0: 0, packet0: 9, packet1: 0 })
  expect(names(walker.enabled(moved.state))).toContain('deliver(packet0)')
  const deliver = walker.system.rules.findIndex(({ name }) => name === 'deliver(packet0)')
  const delivered = walker.take(moved.state, deliver)
  expect(delivered.coverage.map(point => walker.system.coverage[point])).toEqual(['accept'])
  expect([...start]).toEqual([...walker.initial()])
})

test('decode and encode are inverse', () => {
  const walker = walk(toy(bounds))
  const { state } = walker.take(walker.initial(), 0)
  expect([...walker.encode(walker.decode(state))]).toEqual([...state])
})

test('a random walk violates exactly the invariants that do not hold', SLOW, () => {
  fc.assert(
    fc.property(systems, fc.array(fc.nat(), { maxLength: 20 }), (system, choices) => {
      const walker = walk(system)
      let state = walker.initial()
      for (const choice of choices) {
        const enabled = walker.enabled(state)
        const rules = system.rules.flatMap(({ guard }, rule) =>
          evaluate(guard, walker.decode(state)) === 0 ? [] : [rule],
        )
        expect(enabled).toEqual(rules)
        if (enabled.length === 0) return
        const step = walker.take(state, at(enabled, choice % enabled.length))
        const ofState = system.invariants.filter(({ ofStep }) => !ofStep).map(({ id }) => id)
        const broken = system.invariants.filter(
          ({ ofStep, holds }) => !ofStep && evaluate(holds, walker.decode(step.state)) === 0,
        )
        expect(step.failed.filter(id => ofState.includes(id))).toEqual(broken.map(({ id }) => id))
        state = step.state
      }
    }),
  )
})

test('a store below zero is an overflow, and an unknown rule an error', () => {
  const system: System = {
    ...toy(bounds),
    rules: [
      {
        name: 'down',
        kind: 'protocol',
        helps: false,
        guard: { op: 'number', value: 1 },
        body: [
          {
            do: 'set',
            name: 'snd0',
            value: { op: '-', left: { op: 'get', name: 'snd0' }, right: { op: 'number', value: 1 } },
          },
        ],
      },
    ],
  }
  const walker = walk(system)
  expect(() => walker.take(walker.initial(), 0)).toThrow('CHK001: rule down of toy stores -1 into snd0')
  expect(() => walker.take(walker.initial(), 1)).toThrow('CHK005')
})

test('an invariant of a step multiplies the largest value that a cell can hold', () => {
  const [most, one] = [2 ** CELL_BITS - 1, number(1)]
  const body = [{ do: 'set', name: 'cell', value: binary('-', number(most), get('x')) }] as const
  const holds = binary(
    '>',
    ['cell', 'cell'].map(get).reduce((a, b) => binary('*', a, b), get('cell')),
    one,
  )
  const system: System = {
    ...{
      name: 'small',
      variables: [{ name: 'x', bits: 1, initial: 0 }],
      scratch: ['cell'],
      final: one,
      coverage: [],
    },
    rules: [{ name: 'go', kind: 'protocol', helps: false, guard: one, body }],
    ...{ invariants: [{ id: '1', ofStep: true, holds }], recoveries: [], liveness: [], witnesses: [] },
  }
  const walker = walk(system)
  expect(() => walker.take(walker.initial(), 0)).toThrow('CHK010')
})
