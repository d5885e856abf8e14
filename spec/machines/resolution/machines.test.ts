import { describe, expect, test } from 'vitest'
import type { Effect, MachineEvent, MachineState, StepFunction } from '../../../checker/lower/printed.ts'
import { everywhere } from '../../../checker/lower/testing/everywhere.ts'
import { must } from '../../../checker/text/at.ts'
import { DELAY_QUEUE_FIELDS, delayQueueMachine } from './delayQueue.ts'
import { FORWARDER_FIELDS, forwarderMachine } from './forwarder.ts'
import { REASONS } from './reasons.ts'
import { delayQueueStep, forwarderStep } from './step.ts'

const bit = [0, 1]

/** A machine that records its effects. */
function machine(step: StepFunction, registers: MachineState) {
  const state: MachineState = { ...step.initial(), ...registers }
  return {
    state,
    on(event: MachineEvent): string[] {
      const effects: Effect[] = []
      step.step(state, event, effects, [])
      return effects.map(({ type, params }) =>
        params.reason === undefined ? type : `${type}: ${REASONS[params.reason]}`,
      )
    },
  }
}

describe('the forwarder', () => {
  const packet = { broadcast: 0, visited: 0, hops: 0, to: 7 }
  const { on } = machine(forwarderStep(), { mostHops: 2 })

  test('steps like XState, in every state', () => {
    const { different, taken, steps } = everywhere(forwarderMachine, forwarderStep(), FORWARDER_FIELDS, {
      registers: { mostHops: [0, 2] },
      values: { broadcast: bit, visited: bit, hops: [0, 1, 2, 3], to: [1, 2] },
    })
    expect(different).toEqual([])
    expect(steps).toBeGreaterThan(50)
    expect(taken.size).toBe(forwarderStep().transitions.length)
  })

  test('forwards to new hops only, up to a limit (invariant 46)', () => {
    expect(on({ type: 'FORWARD', ...packet })).toEqual(['forward'])
    expect(on({ type: 'FORWARD', ...packet, hops: 1 })).toEqual(['forward'])
    expect(on({ type: 'FORWARD', ...packet, hops: 2 })).toEqual(['drop: too far'])
    expect(on({ type: 'FORWARD', ...packet, visited: 1 })).toEqual(['drop: visited'])
  })

  test('stays silent about a broadcast packet without a listener', () => {
    for (const type of ['FORWARD', 'DELAY', 'UNMATCHED'])
      expect(on({ type, ...packet, broadcast: 1 })).toEqual(['drop: was broadcast'])
    expect(on({ type: 'DEMUX' })).toEqual(['deliver'])
  })

  test('carries out the other rules', () => {
    expect(on({ type: 'DELAY', broadcast: 0 })).toEqual(['delay'])
    expect(on({ type: 'DROP' })).toEqual(['drop: by rule'])
    expect(on({ type: 'UNMATCHED', broadcast: 0 })).toEqual(['refuse'])
  })
})

describe('the delay queue', () => {
  const miss = { type: 'MISS', released: 0, known: 0, room: 1 }
  const queue = () => machine(delayQueueStep(), { cap: 2 })

  test('steps like XState, in every state', () => {
    const { different, taken, steps } = everywhere(delayQueueMachine, delayQueueStep(), DELAY_QUEUE_FIELDS, {
      registers: { cap: [0, 1, 2], held: [0, 1, 2] },
      values: { released: bit, known: bit, room: bit },
    })
    expect(different).toEqual([])
    expect(steps).toBeGreaterThan(200)
    expect(taken.size).toBe(delayQueueStep().transitions.length)
  })

  test('asks once for all waiting packets, and again when the timer fires', () => {
    const { on } = queue()
    expect(on(miss)).toEqual(['hold', 'ask', 'arm'])
    expect(on(miss)).toEqual(['hold'])
    expect(on({ type: 'TIMEOUT' })).toEqual(['ask', 'arm'])
  })

  test('keeps its limit, and no packet twice (invariant 50)', () => {
    const { on, state } = queue()
    expect(on({ ...miss, room: 0 })).toEqual(['drop: full'])
    on(miss)
    expect(on({ ...miss, known: 1 })).toEqual(['drop: repeated'])
    expect(on({ ...miss, room: 0 })).toEqual(['drop: full'])
    on(miss)
    expect([on(miss), state.held]).toEqual([['drop: full'], 2])
  })

  test('evicts a packet in favour of another, and counts the rest', () => {
    const { on, state } = queue()
    on(miss)
    on(miss)
    expect([on({ type: 'YIELD' }), state.held]).toEqual([['evict: crowded out'], 1])
    expect(on(miss)).toEqual(['hold'])
    for (const _ of ['both', 'go']) on({ type: 'YIELD' })
    expect([state.held, on({ type: 'YIELD' })]).toEqual([0, []])
    expect(on(miss)).toEqual(['hold', 'ask', 'arm'])
  })

  test('releases all at once, and accepts none of them again (invariant 51)', () => {
    const { on, state } = queue()
    on(miss)
    expect([on({ type: 'ANSWERED' }), state.held]).toEqual([['release'], 0])
    expect(on({ ...miss, released: 1 })).toEqual(['drop: waited'])
    expect(on({ type: 'ANSWERED' })).toEqual([])
  })

  test.for([
    ['UNANSWERED', 'no service'],
    ['GIVEUP', 'no answer'],
    ['LOST', 'no controller'],
  ])('on %s purges every packet', ([type, reason]) => {
    const { on, state } = queue()
    on(miss)
    expect([on({ type: must(type) }), state.held]).toEqual([[`purge: ${reason}`], 0])
    expect(on(miss)).toEqual(['hold', 'ask', 'arm'])
  })
})
