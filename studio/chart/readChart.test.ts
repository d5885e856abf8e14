import { describe, expect, test } from 'vitest'
import { and, assign, createMachine, not, or, setup, stateIn } from 'xstate'
import { at } from '../../checker/text/at.ts'
import { ANY_STATE } from './chart.ts'
import { LINE } from './metrics.ts'
import { px } from './path.ts'
import { readChart } from './readChart.ts'
import { sampleMachine } from './sampleMachine.ts'

const chart = readChart(sampleMachine)

/** The size of the machine, counted without the code under test. */
function countTransitions(): number {
  const states = Object.values(sampleMachine.root.states).flatMap(region => Object.values(region.states))
  return states.flatMap(state => [...state.transitions.values()].flat()).length
}

describe('the sample machine', () => {
  test('keeps its regions, states and initial states in document order', () => {
    expect(chart.regions.map(region => [region.name, region.initial, region.states.length])).toEqual([
      ['connection', 'INIT', 12],
      ['migration', 'INITIAL', 4],
    ])
    expect(at(chart.regions, 1).states.map(state => state.name)).toEqual([
      'INITIAL',
      'RSYN_SENT',
      'RSYN_RECV',
      'RSYN_SENT_RECV',
    ])
  })

  test('loses no transition', () => {
    const drawn = chart.regions.flatMap(region => region.edges).flatMap(edge => edge.events).length
    expect(chart.transitions).toBe(countTransitions())
    expect(drawn).toBe(countTransitions())
    expect(drawn).toBeGreaterThan(70)
  })

  test('joins transitions that differ only in the event', () => {
    const edges = at(chart.regions, 0).edges.filter(
      edge => edge.from === 'RESPOND' && edge.to === 'CONNECTED',
    )
    expect(edges).toEqual([
      {
        from: 'RESPOND',
        to: 'CONNECTED',
        events: ['ACK', 'DATA'],
        guard: 'nonceMatches and acksNew',
        actions: ['advanceUna', 'disarm(rto)', 'notify(connected)'],
        reenters: false,
      },
    ])
  })

  test('distinguishes events of applications, packets and timers', () => {
    const { kinds } = chart
    expect([kinds.CONNECT, kinds.RSYNACK, kinds.EXPIRE]).toEqual(['application', 'packet', 'timer'])
  })

  test('is plain data: the same machine gives the same chart, and JSON preserves it', () => {
    expect(JSON.parse(JSON.stringify(chart))).toEqual(readChart(sampleMachine))
  })
})

test('guards are printed with only the parentheses that they need', () => {
  const machine = setup({
    guards: { a: () => true, b: () => true, above: (_, params: { limit: number }) => params.limit > 0 },
  }).createMachine({
    initial: 'S',
    states: {
      S: {
        on: {
          E: [
            { guard: and(['a', or(['b', not('a')])]) },
            { guard: not(and(['a', 'b'])) },
            { guard: or([and(['a', 'b']), 'a']) },
            { guard: { type: 'above', params: { limit: 3 } } },
            { guard: stateIn({ r: { s: 'T' } }) },
            {},
          ],
        },
      },
    },
  })
  expect(at(readChart(machine).regions, 0).edges.map(edge => edge.guard)).toEqual([
    'a and (b or not a)',
    'not (a and b)',
    '(a and b) or a',
    'above(3)',
    'in r.s.T',
    'otherwise',
  ])
})

test('actions are printed with their parameters, and functions with their source', () => {
  const machine = setup({
    types: {} as { context: { next: number }; events: { type: 'E'; from: number } },
    actions: {
      send: (_, _params: { kind: number; verno: number }) => {},
      adopt: (_, _params: { to: number }) => {},
    },
  }).createMachine({
    context: { next: 0 },
    initial: 'S',
    states: {
      S: {
        entry: { type: 'send', params: { kind: 1, verno: 2 } },
        on: {
          E: {
            actions: [
              {
                type: 'send',
                params: ({ context }) => ({
                  kind: LINE,
                  verno: Number(px(context.next + 1)),
                }),
              },
              { type: 'adopt', params: ({ event }) => ({ to: event.from }) },
              assign({ next: 0 }),
            ],
          },
        },
      },
    },
  })
  const region = at(readChart(machine).regions, 0)
  expect(at(region.states, 0).entry).toEqual(['send(kind: 1, verno: 2)'])
  expect(at(region.edges, 0).actions).toEqual([
    'send(kind: LINE, verno: Number(px(next + 1)))',
    'adopt(from)',
    'set next',
  ])
})

test('always, re-entry, final states, and transitions of a region and of the machine are kept', () => {
  const machine = createMachine({
    id: 'm',
    type: 'parallel',
    on: { RST: '.r.B' },
    states: {
      r: {
        initial: 'A',
        on: { PING: {} },
        states: { A: { always: 'B', on: { E: { target: 'A', reenter: true } } }, B: { type: 'final' } },
      },
    },
  })
  const { regions, kinds, transitions } = readChart(machine)
  const edges = at(regions, 0).edges.map(({ from, to, events, reenters }) => [
    from,
    to,
    events.join(),
    reenters,
  ])
  expect(edges).toEqual([
    ['A', 'A', 'E', true],
    ['A', 'B', 'always', false],
    [ANY_STATE, ANY_STATE, 'PING', false],
    [ANY_STATE, 'B', 'RST', false],
  ])
  expect(at(regions, 0).states.map(state => state.final)).toEqual([false, true])
  expect([kinds.always, transitions]).toEqual(['automatic', 4])
})

test('constructs that cannot be drawn are rejected by name', () => {
  const nested = createMachine({ initial: 'A', states: { A: { initial: 'B', states: { B: {} } } } })
  const empty = createMachine({ type: 'parallel', states: { r: {} } })
  const crossing = createMachine({
    type: 'parallel',
    states: {
      r: { initial: 'A', states: { A: { on: { E: '#there' } } } },
      q: { initial: 'B', states: { B: { id: 'there' } } },
    },
  })
  expect(() => readChart(nested)).toThrow(/^CHART001: .*A has states of its own/)
  expect(() => readChart(empty)).toThrow(/^CHART002: r has no initial state/)
  expect(() => readChart(crossing)).toThrow(/^CHART003: r\.A has a transition into another region/)
})
