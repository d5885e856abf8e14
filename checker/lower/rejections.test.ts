import { describe, expect, test } from 'vitest'
import {
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  emit,
  enqueueActions,
  raise,
  setup,
  spawnChild,
  stateIn,
  transition,
} from 'xstate'
import { lower } from './step.ts'
import { machine, on, type Parts, rejection } from './testing/rejection.ts'

/** The code, the place, and what the sentence must say. */
type Case = readonly [what: string, parts: Parts, where: string, says: string]

const always = (target: string) => ({ always: { target } })

const structure: readonly Case[] = [
  ['invoke', { here: { invoke: { src: 'x' } } }, 'left.HERE', "'invoke'"],
  ['after', { here: { after: { 10: 'THERE' } } }, 'left.HERE', "'after'"],
  ['onDone', { region: { onDone: {} } }, 'left', "'onDone'"],
  ['a history state', { states: { H: { type: 'history' } } }, 'left.H', 'a history state'],
  ['nested states', { there: { initial: 'X', states: { X: {} } } }, 'left.THERE', 'a compound state'],
  ['a final state', { there: { type: 'final' } }, 'left.THERE', 'a final state'],
  ['a wildcard', { here: { on: { '*': 'THERE' } } }, 'left.HERE', "wildcard '*'"],
  ['a partial wildcard', { here: { on: { 'GO.*': 'THERE' } } }, 'left.HERE', "wildcard 'GO.*'"],
  [
    "an event of XState's",
    { here: { on: { 'xstate.init': 'THERE' } } },
    'left.HERE',
    'not an event of the world',
  ],
  ['region-level on', { region: { on: { GO: '.HERE' } } }, 'left', 'not to the region'],
  ['region-level entry', { region: { entry: 'e' }, actions: { e: () => {} } }, 'left', 'not to the region'],
  ['root-level on', { root: on({}) }, 'm', 'not to the root'],
  ['root-level exit', { root: { exit: 'e' }, actions: { e: () => {} } }, 'm', 'not to the root'],
  ['a target in another region', { here: on({ target: '#m.right.TWO' }) }, 'left.HERE GO', 'another region'],
  ['several targets', { here: on({ target: ['THERE', '#m.right.TWO'] }) }, 'left.HERE GO', 'one target'],
  ['reenter', { here: on({ target: 'HERE', reenter: true }) }, 'left.HERE GO', 'reenter'],
  [
    'an initial state with entry',
    { here: { entry: 'e' }, actions: { e: () => {} } },
    'left.HERE',
    'initial state',
  ],
  ['an initial state that passes', { here: always('THERE') }, 'left.HERE', 'initial state'],
  [
    'initial actions',
    { region: { initial: { target: 'HERE', actions: 'e' } }, actions: { e: () => {} } },
    'left.HERE',
    'initial state',
  ],
  ['a region without states', { root: { states: { left: {} } } }, 'left', 'a region holds states'],
]

const parts: readonly Case[] = [
  ['an inline guard', { here: on({ guard: () => true }) }, 'left.HERE GO', 'name it here'],
  [
    'an inline guard in a combination',
    { here: on({ guard: and([() => true]) }) },
    'left.HERE GO',
    'name it here',
  ],
  ['a guard without code', { here: on({ guard: 'g' }) }, 'left.HERE GO', "'g' has no implementation"],
  ['an alias of a guard', { here: on({ guard: 'g' }), guards: { g: 'h' } }, 'left.HERE GO', 'another name'],
  [
    'stateIn of no state',
    { here: on({ guard: stateIn({ right: 'THREE' }) }) },
    'left.HERE GO',
    'stateIn takes',
  ],
  ['an inline action', { here: on({ actions: () => {} }) }, 'left.HERE GO', 'name it here'],
  ['an action without code', { here: on({ actions: 'e' }) }, 'left.HERE GO', "'e' has no implementation"],
  ...(
    [
      ['enqueueActions', enqueueActions(() => {}), 'xstate.enqueueActions'],
      ['raise', raise({ type: 'GO' }), 'xstate.raise'],
      ['spawnChild', spawnChild('x' as never), 'xstate.spawnChild'],
      ['emit', emit({ type: 'GO' }), 'xstate.emit'],
    ] as const
  ).map(
    ([what, action, says]): Case => [
      what,
      { here: on({ actions: 'e' }), actions: { e: action } },
      'left.HERE GO',
      says,
    ],
  ),
  [
    'one function for all registers',
    { here: on({ actions: 'e' }), actions: { e: assign(() => ({ a: 1 })) } },
    'left.HERE GO',
    'one function a register',
  ],
  ['a computed context', { context: () => ({ a: 0 }) }, 'm', 'written out as numbers'],
  ['a context with text', { context: { a: 'x' } }, 'm', 'whole numbers'],
  ['a context with a fraction', { context: { a: 0.5 } }, 'm', 'whole numbers'],
  ['a context below zero', { context: { a: -1 } }, 'm', 'whole numbers'],
  ['a register named as a region', { context: { left: 0 } }, 'm', 'another name'],
]

test.each([...structure, ...parts])('%s is rejected', (_, p, where, says) => {
  expect(rejection(machine(p))).toMatchObject({
    ...{ code: 'LOWER_MACHINE', where },
    message: expect.stringContaining(says),
  })
})

test('the discipline also holds for a machine of one region, whose states are in the root', () => {
  const root = (config: object) => createMachine({ id: 'm', initial: 'A', states: { A: {} }, ...config })
  expect(rejection(root({ on: { GO: '.A' } }))).toMatchObject({ where: 'm', code: 'LOWER_MACHINE' })
  expect(rejection(root({ states: { A: on({ target: '#m' }) } }))).toMatchObject({ where: 'm.A GO' })
  expect(() => lower(root({}))).not.toThrow()
})

describe('eventless transitions', () => {
  const pass = { a: assign({ a: 1 }) }
  test.each<Case>([
    ['a cycle', { there: always('SIDE'), states: { SIDE: always('THERE') } }, 'left.THERE', 'form a cycle'],
    [
      'one that stays',
      { there: { always: { actions: 'a' } }, actions: pass },
      'left.THERE always',
      'leave its state',
    ],
    ['one to itself', { there: always('THERE') }, 'left.THERE always', 'leave its state'],
  ])('%s is rejected', (_, p, where, says) => {
    expect(rejection(machine(p))).toMatchObject({
      code: 'LOWER_LOOP',
      where,
      message: expect.stringContaining(says),
    })
  })

  test('with actions in two regions are rejected: XState runs those of the region that moved first', () => {
    const region = (name: string) => ({
      initial: 'A',
      states: { A: { on: { [name]: 'B' } }, B: { always: { guard: 'both', target: 'A', actions: name } } },
    })
    const racing = setup({
      guards: { both: and([stateIn({ left: 'B' }), stateIn({ right: 'B' })]) },
      actions: { left: () => {}, right: () => {} },
    } as never).createMachine({
      ...{ id: 'm', type: 'parallel' },
      states: { left: region('left'), right: region('right') },
    } as never) as unknown as AnyStateMachine
    const order = (first: string, second: string) => {
      const start = racing.resolveState({ value: { left: 'A', right: 'A' }, context: {} })
      const [between] = transition(racing, start, { type: first })
      return transition(racing, between, { type: second })[1].map(action => action.type)
    }
    expect(order('left', 'right')).toEqual(['left', 'right'])
    expect(order('right', 'left')).toEqual(['right', 'left'])
    expect(rejection(racing)).toMatchObject({ code: 'LOWER_MACHINE', where: 'm' })
  })
})
