/**
 * Random small machines that use everything in the discipline: one or two regions, guards and their
 * combinations, assigns that read each other, parameters, entry and exit, self targets, eventless transitions,
 * states of the other region. Functions are texts, because lowering reads the text.
 */

import fc from 'fast-check'
import { type AnyStateMachine, and, assign, not, or, setup, stateIn } from 'xstate'
import { at } from '../../text/at.ts'

const REGISTERS = ['a', 'b', 'c'] as const
const FIELDS = ['x', 'y'] as const
export const EVENTS = ['E', 'F'] as const
const STATES = ['S0', 'S1', 'S2'] as const

/** Helpers of the random functions, also their scope. */
export const scope = {
  THREE: 3,
  smaller: (p: number, q: number) => (p < q ? p + 0 : q),
  distance: (p: number, q: number) => {
    const difference = p - q
    if (difference < 0) return -difference
    return difference
  },
}

const READS = [...REGISTERS.map(r => `context.${r}`), ...FIELDS.map(f => `event.${f}`)]

/** The text of an expression with a number for its value. */
const texts = (reads: readonly string[]): fc.Arbitrary<string> =>
  fc.letrec<{ expr: string; test: string }>(tie => {
    const two = (a: fc.Arbitrary<string>, ops: readonly string[]) =>
      fc.tuple(a, fc.constantFrom(...ops), a).map(([l, op, r]) => `(${l} ${op} ${r})`)
    const call = (name: string) => fc.tuple(tie('expr'), tie('expr')).map(([p, q]) => `${name}(${p}, ${q})`)
    return {
      test: fc.oneof(
        { maxDepth: 1 },
        two(tie('expr'), ['===', '!==', '<', '<=', '>', '>=']),
        two(tie('test'), ['&&', '||']),
        tie('test').map(t => `!${t}`),
      ),
      expr: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom(...reads, ...reads, '0', '1', 'THREE'),
        two(tie('expr'), ['+', '-', '*', '&', '|', '&&', '||']),
        tie('expr').map(e => `(${e} % 5)`),
        tie('expr').map(e => `(${e} >> 1)`),
        fc.tuple(tie('test'), tie('expr'), tie('expr')).map(([t, y, n]) => `(${t} ? ${y} : ${n})`),
        tie('test').map(t => `+${t}`),
        call('smaller'),
        call('distance'),
      ),
    }
  }).expr

/** A function of `({ context, event }, params)`, whose value is `wrap` of a random expression. */
const functionTexts = (reads: readonly string[], wrap: (expr: string) => string): fc.Arbitrary<string> => {
  const expr = texts(reads)
  return fc.oneof(
    expr.map(e => `({ context, event }, params) => ${wrap(e)}`),
    fc
      .tuple(expr, expr, expr, expr)
      .map(
        ([k, test, yes, no]) =>
          `({ context, event }, params) => { const k = ${k}; let l = ${no}; if (${test}) { l = l + k; if (k > l) return ${wrap(yes)} } return ${wrap('(l - k)')} }`,
      ),
  )
}

const load = (text: string) =>
  new Function(...Object.keys(scope), `return ${text}`)(...Object.values(scope)) as () => number

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const GUARDS = names('guard', 3)
const ASSIGNS = names('assign', 3)
const EFFECTS = names('effect', 2)

const record = fc.record({ p: fc.nat(7), q: fc.nat(7) })
const params = fc.oneof(
  record.map(r => JSON.stringify(r)),
  fc.tuple(texts(READS), texts(READS)).map(([p, q]) => `({ context, event }) => ({ p: ${p}, q: ${q} })`),
)

type Guard =
  | { type: string; params: string }
  | { in: readonly [region: number, state: number] }
  | { op: 'and' | 'or'; of: Guard[] }
  | { op: 'not'; of: Guard[] }

const guards = fc.letrec<{ guard: Guard }>(tie => ({
  guard: fc.oneof(
    { maxDepth: 1 },
    fc.record({ type: fc.constantFrom(...GUARDS), params }),
    fc.tuple(fc.nat(1), fc.nat(2)).map((at): Guard => ({ in: at })),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('guard'), { maxLength: 3 }),
    }),
    tie('guard').map((g): Guard => ({ op: 'not', of: [g] })),
  ),
})).guard

const actions = fc.array(fc.record({ type: fc.constantFrom(...ASSIGNS, ...EFFECTS), params }), {
  maxLength: 3,
})
const transitions = fc.array(
  fc.record({
    guard: fc.option(guards, { nil: undefined }),
    target: fc.option(fc.nat(2), { nil: undefined }),
    actions,
  }),
  { maxLength: 2 },
)
type Transition = typeof transitions extends fc.Arbitrary<(infer T)[]> ? T : never

const states = fc.record({
  entry: actions,
  exit: actions,
  on: fc.record({ E: transitions, F: transitions }),
  always: transitions,
})
type State = typeof states extends fc.Arbitrary<infer T> ? T : never

const implementation = fc.record({
  guards: fc.tuple(...GUARDS.map(() => functionTexts([...READS, 'params.p'], e => `${e} > 1`))),
  assigns: fc.tuple(
    ...ASSIGNS.map(() =>
      fc.dictionary(
        fc.constantFrom(...REGISTERS),
        fc.oneof(
          functionTexts([...READS, 'params.q'], e => `(${e} & 7)`),
          fc.nat(7),
        ),
      ),
    ),
  ),
})

const description = fc.record({
  regions: fc.array(fc.tuple(states, states, states), { minLength: 1, maxLength: 2 }),
  implementation,
  context: fc.record({ a: fc.nat(7), b: fc.nat(7), c: fc.nat(7) }),
})
type Description = typeof description extends fc.Arbitrary<infer T> ? T : never

/** A machine, and for each of its transitions in document order the number that marks it, if any. */
export interface RandomMachine {
  readonly machine: AnyStateMachine
  readonly marks: readonly (number | undefined)[]
}

class Build {
  readonly marks: (number | undefined)[] = []
  private readonly regions: Description['regions']

  constructor(regions: Description['regions']) {
    this.regions = regions
  }

  private params = (text: string): unknown => (text.startsWith('{') ? JSON.parse(text) : load(text))

  private guard(g: Guard): unknown {
    if ('type' in g) return { type: g.type, params: this.params(g.params) }
    if ('op' in g) {
      const of = g.of.map(one => this.guard(one)) as never
      return g.op === 'not' ? not(of[0]) : g.op === 'and' ? and(of) : or(of)
    }
    const [region, state] = g.in
    const name = STATES[state]
    // In a machine of one region its states are the root's own, and stateIn has no region to name.
    return this.regions.length === 1
      ? { type: 'guard0', params: { p: state } }
      : stateIn({ [`R${region}`]: name })
  }

  private actions = (list: State['entry']) => list.map(a => ({ type: a.type, params: this.params(a.params) }))

  private transition(t: Transition, source: number, kind: 'event' | 'always' | 'silent') {
    // Eventless transitions go forward, so that they end.
    const forward = t.target === undefined || t.target <= source ? source + 1 : t.target
    const target = kind === 'event' ? t.target : forward
    const mark = kind === 'silent' ? undefined : this.marks.length
    this.marks.push(mark)
    return {
      guard: t.guard && this.guard(t.guard),
      target: target === undefined ? undefined : STATES[target],
      actions: mark === undefined ? [] : [...this.actions(t.actions), { type: 'mark', params: { mark } }],
    }
  }

  /**
   * An initial state does nothing by itself, and eventless transitions of the second region have no actions.
   */
  private state(state: State, s: number, region: number) {
    const list = (ts: readonly Transition[], kind: 'event' | 'always' | 'silent') =>
      ts.map(t => this.transition(t, s, kind))
    const on = { E: list(state.on.E, 'event'), F: list(state.on.F, 'event') }
    const mayPass = s === 1
    return {
      entry: s === 0 ? [] : this.actions(state.entry),
      exit: this.actions(state.exit),
      on,
      ...(mayPass && state.always.length > 0
        ? { always: list(state.always, region === 0 ? 'always' : 'silent') }
        : {}),
    }
  }

  region(r: number) {
    const states = at(this.regions, r).map((state, s) => [at(STATES, s), this.state(state, s, r)])
    return { initial: STATES[0], states: Object.fromEntries(states) }
  }
}

function build({ regions, implementation, context }: Description): RandomMachine {
  const building = new Build(regions)
  const assigned = (assignment: Record<string, string | number>) =>
    assign(
      Object.fromEntries(
        Object.entries(assignment).map(([r, by]) => [r, typeof by === 'string' ? load(by) : by]),
      ),
    )
  const definition = setup({
    types: {} as never,
    guards: Object.fromEntries(GUARDS.map((name, i) => [name, load(at(implementation.guards, i))])),
    actions: Object.fromEntries([
      ...[...EFFECTS, 'mark'].map(name => [name, () => {}]),
      ...ASSIGNS.map((name, i) => [name, assigned(at(implementation.assigns, i))]),
    ]),
  } as never)
  const bodies = regions.map((_, r) => building.region(r))
  const shape =
    bodies.length === 1
      ? bodies[0]
      : { type: 'parallel', states: Object.fromEntries(bodies.map((body, r) => [`R${r}`, body])) }
  const machine = definition.createMachine({
    id: 'random',
    context,
    ...shape,
  } as never) as unknown as AnyStateMachine
  return { machine, marks: building.marks }
}

export const machines: fc.Arbitrary<RandomMachine> = description.map(build)

export const events = fc.record({ type: fc.constantFrom(...EVENTS), x: fc.nat(7), y: fc.nat(7) })

export const fields = { E: FIELDS, F: FIELDS }
