import { expect, test } from 'vitest'
import type { Effect, MachineState } from '../../../checker/lower/printed.ts'
import { stepFunction } from '../../../checker/lower/standalone.ts'
import { lower } from '../../../checker/lower/step.ts'
import { LISTENER_FIELDS as fields, listenerMachine, sameSyn } from './machine.ts'

const lowered = lower(listenerMachine)
const { step, initial } = stepFunction(lowered, { fields })

/** A listener with a backlog of 4 and a queue of 5: it keeps at most two handshakes in progress. */
function listener() {
  const state: MachineState = { ...initial(), backlog: 4, queue: 5 }
  return {
    state,
    on(type: string, event: Partial<Record<'known' | 'genuine' | 'room', number>> = {}): string[] {
      const effects: Effect[] = []
      step(state, { type, known: 0, genuine: 1, room: 1, ...event }, effects, [])
      return effects.map(e => e.type)
    },
  }
}

test('a SYN becomes a flow until the backlog is half full, then it is answered statelessly (invariant 4)', () => {
  const { state, on } = listener()
  expect([on('SYN'), on('SYN'), on('SYN')]).toEqual([['admit'], ['admit'], ['answer']])
  expect(state.pending).toBe(2)
  on('FAILED')
  expect(on('SYN')).toEqual(['admit'])
})

test('handshakes in progress take at most half of the rest of the queue', () => {
  const { state, on } = listener()
  for (let i = 0; i < 3; i++) on('CONFIRM')
  expect([on('SYN'), on('SYN'), state.pending]).toEqual([['admit'], ['answer'], 1])
})

test('a full queue refuses SYNs and ACKs until the application accepts (invariant 4)', () => {
  const { state, on } = listener()
  for (let i = 0; i < 5; i++) expect(on('CONFIRM')).toEqual(['confirm'])
  expect([on('SYN'), on('CONFIRM'), state.ready]).toEqual([['refuse'], ['refuse'], 5])
  on('ACCEPT')
  expect([on('SYN'), on('CONFIRM'), state.ready]).toEqual([['answer'], ['confirm'], 5])
})

test('an ACK creates a flow only if it is genuine, once, and is remembered (invariants 3, 12)', () => {
  const { state, on } = listener()
  expect(on('CONFIRM', { genuine: 0 })).toEqual([])
  expect(on('CONFIRM', { known: 1 })).toEqual([])
  expect(on('CONFIRM', { room: 0 })).toEqual(['refuse'])
  expect(state.ready).toBe(0)
})

test('a known SYN creates no second flow, with or without room (invariant 3)', () => {
  const { state, on } = listener()
  on('SYN')
  expect([on('SYN', { known: 1 }), state.pending]).toEqual([['repeat'], 1])
  on('SYN')
  expect([on('SYN', { known: 1 }), state.pending]).toEqual([['repeat'], 2])
})

test('a failed handshake and an accepted flow free their places, and counts never go below zero', () => {
  const { state, on } = listener()
  on('ACCEPT')
  expect(state.ready).toBe(0)
  on('SYN')
  on('FAILED')
  expect(state.pending).toBe(0)
})

test('a closed listener admits no SYN and lets handshakes in progress end', () => {
  const { state, on } = listener()
  on('SYN')
  on('CLOSE')
  expect([on('SYN'), on('CONFIRM')]).toEqual([[], []])
  on('FAILED')
  expect(state.pending).toBe(0)
})

test('address, flowID, nonce and version together identify a SYN (D8)', () => {
  const syn = { from: 1, srcFlow: 2, nonce: 3, verno: 4 }
  expect(sameSyn(syn, { ...syn })).toBe(true)
  for (const field of ['from', 'srcFlow', 'nonce', 'verno'] as const)
    expect(sameSyn(syn, { ...syn, [field]: 9 })).toBe(false)
})

test('it counts, and has no identifiers', () => {
  expect(() => stepFunction(lowered, { fields })).not.toThrow()
  expect(() => stepFunction(lowered, { fields, opaque: ['pending'] })).toThrow('LOWER_OPAQUE')
})
