/** Explores a machine that has nothing to do with SAL, in a world of its own. docs/architecture.md explains it. */
import { assign, setup } from 'xstate'
import { lower } from '../checker/lower/step.ts'
import { bits } from '../checker/lower/value.ts'
import { can, lowerWorld, step } from '../checker/lower/world.ts'
import { explore } from '../checker/search/explore.ts'

const gate = setup({
  types: { context: {} as { credit: number }, events: {} as { type: 'COIN' | 'PUSH' } },
  guards: { hasCredit: ({ context }) => context.credit > 0 },
  actions: {
    take: assign({ credit: ({ context }) => context.credit + 1 }),
    spend: assign({ credit: ({ context }) => context.credit - 1 }),
    /** An effect: the world defines what it does. */
    pass: () => {},
  },
}).createMachine({
  id: 'gate',
  context: { credit: 0 },
  initial: 'CLOSED',
  states: {
    CLOSED: { on: { COIN: { target: 'OPEN', actions: ['take'] } } },
    OPEN: { on: { PUSH: { guard: 'hasCredit', target: 'CLOSED', actions: ['spend', 'pass'] } } },
  },
})

/** The number of visitors. */
const VISITORS = 3

export const turnstile = lowerWorld({
  name: 'turnstile',
  // Leaves are variables with a width in bits. The machine's place holds its registers and its state.
  shape: { gate: { gate: bits(1), credit: bits(1) }, paid: bits(2), passed: bits(2) },
  did: [],
  machines: { gate: lower(gate) },
  effects: {
    pass: (w: { passed: number }) => {
      w.passed = w.passed + 1
    },
  },
  scope: { VISITORS },
  rules: [
    {
      name: 'pay',
      kind: 'environment',
      when: w => w.paid < VISITORS && can('gate', w.gate, 'COIN'),
      take: w => {
        w.paid = w.paid + 1
        step('gate', w.gate, 'COIN')
      },
    },
    {
      name: 'push',
      kind: 'protocol',
      when: w => can('gate', w.gate, 'PUSH'),
      take: w => step('gate', w.gate, 'PUSH'),
    },
  ],
  invariants: [{ id: 'nobody passes without paying', holds: w => w.passed <= w.paid }],
  recoveries: [
    { id: 'paid visitors can pass', when: w => w.passed < w.paid, goal: w => w.passed === w.paid },
  ],
  witnesses: [{ name: 'all have passed', seen: w => w.passed === VISITORS }],
  final: w => w.passed === w.paid,
})

/** Resolves to a verdict `holds`, 7 distinct states, depth 6. */
export const explored = () => explore(turnstile.system)
