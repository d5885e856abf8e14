import { describe, expect, test } from 'vitest'
import { assign } from 'xstate'
import { must } from '../text/at.ts'
import { stepFunction } from './standalone.ts'
import { lower } from './step.ts'
import { distance, next } from './testing/helpers.ts'
import { machine, on, type Parts, rejection } from './testing/rejection.ts'

interface Args {
  context: { a: number; b: number }
  event: { x: number }
}
type Guard = (args: Args) => unknown
declare const missing: number

/** Loaded from text, because a compiler or formatter would change it. */
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

  test.each(sources)('%s is rejected', (_, code, guard, offending) => {
    const m = machine({ here: on({ guard: 'g', target: 'THERE' }), guards: { g: guard } })
    const error = rejection(m, scope)
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
    expect(rejection(m, { bad })).toMatchObject({ where: 'left.HERE GO, guard', source: 'n ** 2' })
  })

  test('actions of transitions, entries and exits are named', () => {
    const actions = { store: assign({ a: written('() => missing') }) }
    const where = (p: Parts) => rejection(machine({ actions, ...p })).where
    expect(where({ here: on({ actions: 'store' }) })).toBe('left.HERE GO, action store')
    expect(where({ here: on({ target: 'THERE' }), there: { entry: 'store' } })).toBe(
      'left.THERE entry, action store',
    )
    expect(where({ here: { ...on({ target: 'THERE' }), exit: 'store' } })).toBe(
      'left.HERE exit, action store',
    )
  })

  test('a register that is not declared cannot be assigned', () => {
    const actions = { store: assign({ c: 1 }) }
    expect(rejection(machine({ actions, here: on({ actions: 'store' }) }))).toMatchObject({
      code: 'LOWER_NAME',
    })
  })

  test('an event whose fields are not declared is rejected', () => {
    expect(rejection(machine({ here: { on: { STOP: {} } } }))).toMatchObject({
      code: 'LOWER_NAME',
      where: 'm',
    })
  })

  test('effects have numbers for parameters', () => {
    const effect = (params: unknown) =>
      machine({ actions: { e: () => {} }, here: on({ actions: { type: 'e', params } }) })
    expect(rejection(effect(3))).toMatchObject({ code: 'LOWER_TYPE', where: 'left.HERE GO, action e' })
    expect(rejection(effect({ text: 'x' }))).toMatchObject({ code: 'LOWER_TYPE' })
    expect(rejection(effect(() => ({ inner: { deep: 1 } })))).toMatchObject({ code: 'LOWER_TYPE' })
    expect(rejection(effect({ part: 0.5 }))).toMatchObject({ code: 'LOWER_TYPE' })
  })

  test('numbers of the scope are whole', () => {
    const m = machine({
      here: on({ guard: 'g' }),
      guards: { g: written('({ context }) => context.a > half') },
    })
    expect(rejection(m, { half: 0.5 })).toMatchObject({ code: 'LOWER_TYPE', where: 'left.HERE GO, guard' })
  })

  test.each([
    ['({ context }) => context.a > 1', 'context.a > 1'],
    ['({ context }) => !context.a', '!context.a'],
    ['({ context }) => context.a === 1 && context.b', 'context.a === 1'],
    ['({ context }) => context.a || true', 'true'],
    ['({ context }) => (context.a > 1 ? 1 : context.b < 2)', 'context.b < 2'],
    ['({ context }) => { if (context.a > 1) return 1; return false }', 'false'],
  ])('%s is true or false, and no register holds that', (text, offending) => {
    const actions = { store: assign({ a: written(text) }) }
    const error = rejection(machine({ actions, here: on({ actions: 'store' }) }))
    expect(error).toMatchObject({
      code: 'LOWER_TYPE',
      where: 'left.HERE GO, action store',
      source: offending,
    })
    expect(error.message).toContain('write test ? 1 : 0')
  })

  test('nor does a parameter of an effect, or a constant', () => {
    const effect = (params: unknown) =>
      rejection(machine({ actions: { e: () => {} }, here: on({ actions: { type: 'e', params } }) }))
    expect(effect({ flag: true })).toMatchObject({ code: 'LOWER_TYPE', source: 'true' })
    expect(effect(written('({ context }) => ({ flag: context.a > 1 })'))).toMatchObject({
      ...{ code: 'LOWER_TYPE', source: 'context.a > 1' },
    })
    const actions = { store: assign({ a: true }) }
    expect(rejection(machine({ actions, here: on({ actions: 'store' }) }))).toMatchObject({
      code: 'LOWER_TYPE',
    })
  })
})

test('imports are found under the names that a test runner gives them', () => {
  const guard = ({ context, event }: Args) => next(context.a) === distance(event.x, context.b)
  // The test is about what this file's own imports became.
  expect(String(guard)).toMatch(/__vi\w*import_\d+__/)
  const m = machine({ here: on({ guard: 'g', target: 'THERE' }), guards: { g: guard } })
  const { step, initial } = stepFunction(lower(m, scope), { fields: { GO: ['x'] } })
  const stateAfter = (x: number) => {
    const state = { ...initial(), a: 2, b: 4 }
    step(state, { type: 'GO', x }, [], [])
    return must(Object.entries(state).find(([name]) => name === 'left'))[1]
  }
  expect([1, 2, 7, 8].map(stateAfter)).toEqual([1, 0, 1, 0])
})
