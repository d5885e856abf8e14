/**
 * Random worlds with machines in them, written as text. They often compute values out of range: numbers beyond
 * 32 bits and beyond 2^53, remainders by 0, indices beyond the end, values too large for their variables.
 */
import fc from 'fast-check'
import { type AnyStateMachine, assign, setup } from 'xstate'
import { placeOf } from '../lower/place.ts'
import { lower } from '../lower/step.ts'
import { scope as machineScope, machines } from '../lower/testing/machines.ts'
import { bits } from '../lower/value.ts'
import type { WorldSpec } from '../lower/worldSpec.ts'

/**
 * A machine with events that are sometimes forbidden. It begins neither in its first state nor with zeros.
 */
const still = setup({
  types: {} as never,
  guards: { isBig: ({ context }: { context: { k: number } }) => context.k > 1 },
  actions: {
    bump: assign({ k: ({ context }: { context: { k: number } }) => (context.k + 1) % 4 }) as never,
    ring: () => {},
  },
} as never).createMachine({
  id: 'still',
  context: { k: 2 },
  initial: 'UP',
  states: {
    DOWN: { on: { GO: 'UP', IDLE: {}, NOISE: [{ guard: 'isBig' }, { actions: 'bump' }] } },
    UP: { on: { GO: { target: 'DOWN', actions: ['bump', 'ring'] }, IDLE: { target: 'UP' }, NOISE: {} } },
  },
} as never) as unknown as AnyStateMachine

/** Names of the world. Its THREE is not the machines' THREE. */
const scope = {
  THREE: 5,
  HUGE: 0xffffffff,
  least: (p: number, q: number) => (p < q ? p + 0 : q),
  sorted: (p: number, q: number) => {
    if (p > 9) {
      if (q > 3) return p - q
    }
    if (p === q) return 1
    const both = p * 2 + q
    return both & 7
  },
}

const CELLS = ['w.a', 'w.b', 'w.c', 'w.wide', 'w.list[0]', 'w.list[2]', 'w.did.x']
const READS = [...CELLS, ...CELLS, 'w.still.k', 'w.still.still', 'w.m.a', 'w.m.b', 'THREE']
const CONSTANTS = ['1', '2', '3', '7', '65536', '69069', '2147483647', 'HUGE']

/** Conditions about machines. A guard of `m` may have locals, for which a predicate has no place. */
const ABLE = ["can('still', w.still, 'NOISE')", "can('still', w.still, 'IDLE')"]
const OF_BODIES = [...ABLE, "can('m', w.m, 'E', { x: 1, y: w.a })"]

const texts = (reads: readonly string[], able = ABLE) =>
  fc.letrec<{ expr: string; test: string }>(tie => {
    const [expr, test] = [tie('expr'), tie('test')]
    const two = (of: fc.Arbitrary<string>, ops: readonly string[]) =>
      fc.tuple(of, fc.constantFrom(...ops), of).map(([l, op, r]) => `(${l} ${op} ${r})`)
    const call = (name: string) => fc.tuple(expr, expr).map(([p, q]) => `${name}(${p}, ${q})`)
    return {
      test: fc.oneof(
        { maxDepth: 2 },
        two(expr, ['===', '!==', '<', '<=', '>', '>=']),
        two(test, ['&&', '||', '===', '!==']),
        test.map(t => `!${t}`),
        expr.map(e => `w.list.some(v => v === ${e})`),
        fc.constantFrom(...able),
      ),
      expr: fc.oneof(
        { maxDepth: 3 },
        { weight: 3, arbitrary: fc.constantFrom(...reads) },
        fc.constantFrom(...CONSTANTS),
        two(expr, ['+', '-', '*', '&', '|', '<<', '>>']),
        fc
          .tuple(expr, fc.constantFrom('w.a', 'w.c', '3', '(w.b - 1)', '1000003'))
          .map(([l, r]) => `(${l} % ${r})`),
        expr.map(e => `(${e} & 3)`),
        fc
          .oneof(
            fc.constantFrom('w.a', 'w.b', '(w.c % 4)', '(w.b % 3)', '(w.c % 3)'),
            expr.map(e => `(w.a + ${e})`),
          )
          .map(i => `w.list[${i}]`),
        fc.tuple(fc.constantFrom('w.a', 'w.b'), expr).map(([i, e]) => `(${i} < 3 ? w.list[${i}] : ${e})`),
        fc.tuple(test, expr, expr).map(([t, y, n]) => `(${t} ? ${y} : ${n})`),
        call('least'),
      ),
    }
  })

const { expr, test } = texts(READS, OF_BODIES)
const predicates = texts(READS.filter(name => !name.includes('did'))).test
const ofSteps = texts([...READS, 'was.a', 'was.wide', 'was.m.b']).test

/** Not exact in a double once `w.wide` has more than 17 bits. */
const CUBE = 'w.wide = (w.wide * w.wide * w.wide) % 1000003;'

const stores = fc.oneof(
  fc.tuple(fc.constantFrom(...CELLS), expr).map(([cell, e]) => `${cell} = (${e}) & 3;`),
  fc.tuple(fc.constantFrom('w.wide', 'w.c', 'w.b'), expr).map(([cell, e]) => `${cell} = ${e};`),
  fc.tuple(expr, expr).map(([i, e]) => `w.list[(${i}) & 1] = (${e}) & 3;`),
  fc
    .tuple(fc.constantFrom('w.a', 'w.b', 'l & 3', 'w.a % 3', 'w.b % 3'), expr)
    .map(([i, e]) => `w.list[${i}] = (${e}) & 3;`),
  fc.constantFrom('w.a++;', 'w.c += w.a;', 'l = l * 65536 + 1;', 'w.wide = l % 1000003;'),
  fc.constant(CUBE),
  fc.tuple(expr, expr).map(([p, q]) => `w.c = sorted(${p}, ${q}) & 7;`),
)
const steps = fc.constantFrom(
  "step('m', w.m, 'E', { x: w.a, y: w.b });",
  "step('m', w.m, 'F', { x: 3, y: w.c });",
  "step('still', w.still, 'GO');",
  "step('still', w.still, 'NOISE');",
)
const { body } = fc.letrec<{ stmt: string; body: string }>(tie => ({
  body: fc.array(tie('stmt'), { minLength: 1, maxLength: 3 }).map(list => list.join(' ')),
  stmt: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 3, arbitrary: stores },
    { weight: 2, arbitrary: steps },
    fc.tuple(test, tie('body'), tie('body')).map(([t, y, n]) => `if (${t}) { ${y} } else { ${n} }`),
    fc.tuple(test, tie('body'), test).map(([t, y, r]) => `if (${t}) { ${y} if (${r}) return; }`),
  ),
}))

/** The length of a walk, in steps. Worlds are small because they end. */
const LONGEST = 3

const load = (text: string) => new Function('w', 'was', `return ${text}`) as never
const predicate = (arbitrary: fc.Arbitrary<string>) => arbitrary.map(text => load(text))

const rules = fc
  .record({
    kind: fc.constantFrom('protocol', 'environment', 'fault'),
    helps: fc.boolean(),
    when: predicates,
    body,
  })
  .map(({ kind, helps, when, body: take }) => ({
    kind,
    helps,
    when: load(`w.n < ${LONGEST} && ${when}`),
    take: new Function('w', `w.n = w.n + 1; let l = w.a + w.wide; ${take}`),
  }))

/** Returns the text of a world for a failing test. */
const textOf = (made: object): string =>
  JSON.stringify(
    made,
    (_, value) => (typeof value === 'function' ? String(value).replaceAll('\n', ' ') : value),
    1,
  )

/** A random world, and its machines as XState has them. */
export interface RandomWorld {
  readonly spec: WorldSpec
  readonly machines: Readonly<Record<string, AnyStateMachine>>
}

export const worlds: fc.Arbitrary<RandomWorld> = fc
  .record({
    machine: machines,
    rules: fc.array(rules, { minLength: 1, maxLength: 4 }),
    invariants: fc.array(predicate(fc.oneof(predicates, ofSteps)), { maxLength: 2 }),
    witnesses: fc.array(predicate(fc.oneof(predicates, ofSteps)), { maxLength: 2 }),
    recoveries: fc.array(fc.tuple(predicate(predicates), predicate(predicates)), { maxLength: 1 }),
    final: predicate(predicates),
    initial: fc.record({ a: fc.nat(3), b: fc.nat(7), wide: fc.constantFrom(0, 1, 65536, 2 ** 31 - 1) }),
  })
  .map(({ machine: { machine }, initial, ...made }) => {
    const lowered = { m: lower(machine, machineScope), still: lower(still) }
    const shape = {
      ...{
        n: bits(2),
        a: bits(2, initial.a),
        b: bits(3, initial.b),
        c: bits(4, 1),
        wide: bits(31, initial.wide),
      },
      list: [bits(2, 1), bits(2), bits(2, 3)],
      m: placeOf(lowered.m, { a: 3, b: 3, c: 3 }),
      still: placeOf(lowered.still, { k: 2 }),
    }
    const effect = (text: string) => new Function('w', 'self', 'params', text) as never
    return {
      [fc.toStringMethod]: () => textOf(made),
      machines: { m: machine, still },
      spec: {
        ...{ name: 'random', shape, did: ['x'], machines: lowered, scope },
        effects: {
          effect0: effect('w.b = params.p'),
          effect1: effect('w.c = params.q & 15'),
          mark: effect('w.did.x = params.mark'),
          ring: effect('w.did.x = self.k + 1'),
        },
        rules: made.rules.map((rule, index) => ({ ...rule, name: `rule ${index}` })) as never,
        invariants: made.invariants.map((holds, index) => ({ id: `i${index}`, holds })),
        witnesses: made.witnesses.map((seen, index) => ({ name: `w${index}`, seen })),
        recoveries: made.recoveries.map(([when, goal], index) => ({ id: `r${index}`, when, goal })),
        final: made.final,
      },
    }
  })
