import { expect, test } from 'vitest'
import { checkKinds } from '../lower/kinds.ts'
import { type Effect, type MachineState, stepFunction } from '../lower/standalone.ts'
import { lower } from '../lower/step.ts'
import { listenerMachine, sameSyn } from './machine.ts'

const fields = { SYN: ['known'], ESTABLISHED: [], FAILED: [], ACCEPT: [], CLOSE: [] }
const lowered = lower(listenerMachine)
const { step, initial } = stepFunction(lowered, { fields })

/** A listener with a backlog of 2 and a queue of 3. */
function listener() {
  const state: MachineState = { ...initial(), backlog: 2, queue: 3 }
  return {
    state,
    on(type: string, known = 0): string[] {
      const effects: Effect[] = []
      step(state, { type, known }, effects, [])
      return effects.map(e => e.type)
    },
  }
}

test('a SYN becomes a flow while there is room, and is refused when there is none (invariant 4)', () => {
  const { state, on } = listener()
  expect([on('SYN'), on('SYN'), on('SYN')]).toEqual([['admit'], ['admit'], ['refuse']])
  on('ESTABLISHED')
  expect(on('SYN')).toEqual(['admit'])
  // Two in progress and one that waits fill the queue, though the backlog has room again.
  on('ESTABLISHED')
  expect([on('SYN'), state.pending, state.ready]).toEqual([['refuse'], 1, 2])
  on('ACCEPT')
  expect(on('SYN')).toEqual(['admit'])
})

test('a known SYN makes no second flow, room or not (invariant 3)', () => {
  const { state, on } = listener()
  on('SYN')
  expect([on('SYN', 1), state.pending]).toEqual([['repeat'], 1])
  on('SYN')
  expect([on('SYN', 1), state.pending]).toEqual([['repeat'], 2])
})

test('what fails or is taken frees its place, and counts never go below zero', () => {
  const { state, on } = listener()
  on('ACCEPT')
  expect(state.ready).toBe(0)
  on('SYN')
  on('FAILED')
  expect(state.pending).toBe(0)
})

test('closed, it admits nobody and lets those in progress end', () => {
  const { state, on } = listener()
  on('SYN')
  on('CLOSE')
  expect(on('SYN')).toEqual([])
  on('FAILED')
  expect(state.pending).toBe(0)
})

test('a SYN is known by all four: address, flowID, nonce and version (D8)', () => {
  const syn = { from: 1, srcFlow: 2, nonce: 3, verno: 4 }
  expect(sameSyn(syn, { ...syn })).toBe(true)
  for (const field of ['from', 'srcFlow', 'nonce', 'verno'] as const)
    expect(sameSyn(syn, { ...syn, [field]: 9 })).toBe(false)
})

test('it counts, and knows no identifier', () => {
  expect(() => checkKinds(lowered, { fields })).not.toThrow()
  expect(() => checkKinds(lowered, { fields, opaque: ['pending'] })).toThrow('LOWER_OPAQUE')
})
