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
} from 'xstate'
import { LowerError } from './errors.ts'
import { stepFunction } from './standalone.ts'
import { lower } from './step.ts'
import { distance, next } from './testing/helpers.ts'

interface Parts {
  readonly guards?: object
  readonly actions?: object
  readonly context?: unknown
  /** Of state HERE; THERE is its neighbour. */
  readonly here?: object
  readonly there?: object
  readonly states?: object
  readonly region?: object
  readonly root?: object
}

/** A machine of the regions `left` (HERE, THERE) and `right` (ONE, TWO), with what is to be refused put in. */
const machine = (p: Parts): AnyStateMachine =>
  setup({ guards: p.guards, actions: p.actions } as never).createMachine({
    id: 'm',
    type: 'parallel',
    context: p.context ?? { a: 0, b: 0 },
    states: {
      left: {
        initial: 'HERE',
        states: { HERE: p.here ?? {}, THERE: p.there ?? {}, ...p.states },
        ...p.region,
      },
      right: { initial: 'ONE', states: { ONE: {}, TWO: {} } },
    },
    ...p.root,
  } as never) as never

function refusal(m: AnyStateMachine, scope: Readonly<Record<string, unknown>> = {}): LowerError {
  try {
    stepFunction(lower(m, scope), { fields: { GO: ['x'] } })
  } catch (error) {
    if (error instanceof LowerError) return error
    throw error
  }
  throw new Error('the machine was lowered')
}

/** Code, place and what the sentence must say. */
type Case = readonly [what: string, parts: Parts, where: string, says: string]

const on = (transition: object) => ({ on: { GO: transition } })
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

test.each([...structure, ...parts])('%s is refused', (_, p, where, says) => {
  expect(refusal(machine(p))).toMatchObject({
    ...{ code: 'LOWER_MACHINE', where },
    message: expect.stringContaining(says),
  })
})

test('a machine of one region has its states in the root, with the same discipline', () => {
  const root = (config: object) =>
    createMachine({ id: 'm', initial: 'A', states: { A: {} }, ...config } as never)
  expect(refusal(root({ on: { GO: '.A' } }) as never)).toMatchObject({ where: 'm', code: 'LOWER_MACHINE' })
  expect(refusal(root({ states: { A: on({ target: '#m' }) } }) as never)).toMatchObject({ where: 'm.A GO' })
  expect(() => lower(root({}) as never)).not.toThrow()
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
  ])('%s is refused', (_, p, where, says) => {
    expect(refusal(machine(p))).toMatchObject({
      code: 'LOWER_LOOP',
      where,
      message: expect.stringContaining(says),
    })
  })

  test('with actions in two regions they race', () => {
    const region = {
      initial: 'A',
      states: { A: on({ target: 'B' }), B: { always: { target: 'A', actions: 'a' } } },
    }
    const racing = setup({ actions: { a: () => {} } }).createMachine({
      ...{ id: 'm', type: 'parallel' },
      states: { left: region, right: region },
    } as never)
    expect(refusal(racing as never)).toMatchObject({ code: 'LOWER_MACHINE', where: 'm' })
  })
})

interface Args {
  context: { a: number; b: number }
  event: { x: number }
}
type Guard = (args: Args) => unknown
declare const missing: number

/** Loaded from text, because a compiler or formatter would not leave them as they are. */
const written = (text: string): Guard => new Function(`return ${text}`)() as Guard

const recursive = (n: number): number => (n > 100000 ? n : recursive(n + 1))
const scope = { next, distance, recursive, list: [1, 2, 3] }

describe('sources', () => {
  const sources: readonly (readonly [what: string, code: string, guard: Guard, offending: string])[] = [
    ['a name that is not in the scope', 'LOWER_NAME', ({ context }) => context.a === missing, 'missing'],
    ['a field that the event has not', 'LOWER_NAME', ({ event }) => (event as never as { y: number }).y > 0, 'event.y'],
    ['a register that is none', 'LOWER_NAME', ({ context }) => (context as never as { c: number }).c > 0, 'context.c'],
    ['a region read as a register', 'LOWER_NAME', written('({ context }) => context.left === 0'), 'context.left'],
    ['try', 'LOWER_SYNTAX', written('() => { try { return 1 } catch { return 0 } }'), 'try {'],
    ['while', 'LOWER_SYNTAX', written('({ context }) => { while (context.a > 0) {} return 1 }'), 'while ('],
    ['do', 'LOWER_SYNTAX', written('({ context }) => { do {} while (context.a > 0); return 1 }'), 'do {'],
    ['switch', 'LOWER_SYNTAX', written('({ context }) => { switch (context.a) { default: return 1 } }'), 'switch ('],
    ['throw', 'LOWER_SYNTAX', written('() => { throw 1 }'), 'throw 1'],
    ['await', 'LOWER_SYNTAX', written('async ({ context }) => await context.a'), 'await'],
    ['a generator', 'LOWER_SYNTAX', written('function* () { yield 1 }'), 'function*'],
    ['an inner async function', 'LOWER_SYNTAX', written('() => (async () => 1)() === 1'), 'async () => 1'],
    ['new', 'LOWER_SYNTAX', written('() => new Date() > 0'), 'new Date()'],
    ['typeof', 'LOWER_SYNTAX', written('({ context }) => typeof context.a === 1'), 'typeof context.a'],
    ['var', 'LOWER_SYNTAX', written('() => { var x = 1; return x }'), 'x = 1'],
    ['let without a value', 'LOWER_SYNTAX', written('() => { let x; return 1 }'), 'x'],
    ['a fraction', 'LOWER_SYNTAX', ({ context }) => context.a > 0.5, '.5'],
    ['a template', 'LOWER_SYNTAX', written('() => `x` === "x"'), '`x`'],
    ['==', 'LOWER_SYNTAX', written('({ context }) => context.a == 1'), 'context.a == 1'],
    ['>>>', 'LOWER_SYNTAX', ({ context }) => context.a >>> 1 === 0, 'context.a >>> 1'],
    ['/', 'LOWER_SYNTAX', ({ context }) => context.a / 2 === 0, 'context.a / 2'],
    ['??', 'LOWER_SYNTAX', written('({ context }) => context.a ?? 1'), 'context.a ?? 1'],
    ['?.', 'LOWER_SYNTAX', written('({ context }) => context?.a === 1'), 'context?.a'],
    ['a comma', 'LOWER_SYNTAX', written('({ context }) => (context.a, 1)'), 'context.a, 1'],
    ['a default parameter', 'LOWER_SYNTAX', written('({ context, z = 1 }) => context.a === z'), 'z = 1'],
    ['a rest parameter', 'LOWER_SYNTAX', written('(...all) => 1'), '...all'],
    ['a spread list', 'LOWER_SYNTAX', written('() => [...list].some(x => x > 0)'), '[...list]'],
    ['an assignment as a value', 'LOWER_SYNTAX', written('({ context }) => { let x = 0; return (x = 1) > 0 }'), 'x = 1'],
    ['return out of a loop', 'LOWER_SYNTAX', written('() => { for (const x of list) { if (x > 1) return 1 } return 0 }'), 'for ('],
    ['a loop of unknown length', 'LOWER_TYPE', written('({ context }) => { for (let i = 0; i < context.a; i++) {} return 1 }'), 'i < context.a'],
    ['an endless loop', 'LOWER_LOOP', written('() => { for (let i = 0; i < 1; i--) {} return 1 }'), 'for (let'],
    ['recursion', 'LOWER_LOOP', ({ context }) => recursive(context.a) > 0, 'recursive('],
    ['a guard that stores', 'LOWER_SYNTAX', written('({ context }) => { context.a = 1; return 1 }'), 'context.a = 1; return 1'],
    ['a store to a constant', 'LOWER_TYPE', written('({ context }) => { const x = context.a; x = 1; return 1 }'), 'x'],
    ['a call of a number', 'LOWER_TYPE', written('({ context }) => context.a()'), 'context.a()'],
    ['a structure as a number', 'LOWER_TYPE', written('({ context }) => context > 1'), 'context > 1'],
    ['a structure as a condition', 'LOWER_TYPE', written('({ context }) => !context'), 'context'],
    ['texts that are ordered', 'LOWER_TYPE', written('() => "a" < "b"'), '"a" < "b"'],
    ['a condition on texts', 'LOWER_TYPE', written('() => !"a"'), '"a"'],
    ['a filter that is not known', 'LOWER_TYPE', written('({ context }) => list.filter(x => x > context.a).length > 0'), ''],
    ['a callback that stores', 'LOWER_SYNTAX', written('() => { let n = 0; return list.some(x => { n = x; return 0 }) }'), 'n = x'],
    ['a bound function', 'LOWER_SOURCE', (() => true).bind(undefined), 'native code'],
  ] // biome-ignore format: a table reads better in rows

  test.each(sources)('%s is refused', (_, code, guard, offending) => {
    const m = machine({ here: on({ guard: 'g', target: 'THERE' }), guards: { g: guard } })
    const error = refusal(m, scope)
    expect(error.code).toBe(code)
    expect(error.where).toMatch(/^left\.HERE GO, guard/)
    expect(error.source).toContain(offending)
    expect(error.message).toMatch(/^LOWER_\w+ in left\.HERE GO, guard.*: \S+/)
  })

  test('an error inside a helper names the state that called it, and shows the helper', () => {
    const bad = written('(n) => n ** 2')
    const m = machine({
      here: on({ guard: 'g' }),
      guards: { g: written('({ context }) => bad(context.a) > 0') },
    })
    expect(refusal(m, { bad })).toMatchObject({ where: 'left.HERE GO, guard', source: 'n ** 2' })
  })

  test('actions of transitions, entries and exits are named', () => {
    const actions = { store: assign({ a: written('() => missing') as never }) }
    const where = (p: Parts) => refusal(machine({ actions, ...p })).where
    expect(where({ here: on({ actions: 'store' }) })).toBe('left.HERE GO, action store')
    expect(where({ here: on({ target: 'THERE' }), there: { entry: 'store' } })).toBe(
      'left.THERE entry, action store',
    )
    expect(where({ here: { ...on({ target: 'THERE' }), exit: 'store' } })).toBe(
      'left.HERE exit, action store',
    )
  })

  test('a register that is not declared cannot be assigned', () => {
    const actions = { store: assign({ c: 1 } as never) }
    expect(refusal(machine({ actions, here: on({ actions: 'store' }) }))).toMatchObject({
      code: 'LOWER_NAME',
    })
  })

  test('an event whose fields are not declared is refused', () => {
    expect(refusal(machine({ here: { on: { STOP: {} } } }))).toMatchObject({ code: 'LOWER_NAME', where: 'm' })
  })

  test('effects have numbers for parameters', () => {
    const effect = (params: unknown) =>
      machine({ actions: { e: () => {} }, here: on({ actions: { type: 'e', params } }) })
    expect(refusal(effect(3))).toMatchObject({ code: 'LOWER_TYPE', where: 'left.HERE GO, action e' })
    expect(refusal(effect({ text: 'x' }))).toMatchObject({ code: 'LOWER_TYPE' })
    expect(refusal(effect(() => ({ inner: { deep: 1 } })))).toMatchObject({ code: 'LOWER_TYPE' })
  })
})

test('imports are read through the names that a test runner gives them', () => {
  const guard = ({ context, event }: Args) => next(context.a) === distance(event.x, context.b)
  // What this file's own imports have become is what is tested.
  expect(String(guard)).toMatch(/__vi\w*import_\d+__/)
  const m = machine({ here: on({ guard: 'g', target: 'THERE' }), guards: { g: guard } })
  const { step, initial } = stepFunction(lower(m, scope), { fields: { GO: ['x'] } })
  const stateAfter = (x: number) => {
    const state = { ...initial(), a: 2, b: 4 }
    step(state, { type: 'GO', x }, [], [])
    return Object.entries(state).find(([name]) => name === 'left')![1]
  }
  expect([1, 2, 7, 8].map(stateAfter)).toEqual([1, 0, 1, 0])
})
