import { expect, test } from 'vitest'
import { everywhere } from '../../../checker/lower/testing/everywhere.ts'
import { ACK, DATA, FIN, RST, RSYN, RSYNACK, SYN, SYNACK } from '../flow/packets.ts'
import type { RendezvousEffect } from './compiled.ts'
import { RENDEZVOUS_FIELDS, type RendezvousEvent, rendezvousMachine } from './machine.ts'
import { RENDEZVOUS_REASONS } from './reasons.ts'
import { rendezvousStep } from './step.ts'

/** A binding without a holder. */
function binding() {
  const state = rendezvousStep().initial()
  return {
    state,
    on(event: RendezvousEvent): string[] {
      const effects: RendezvousEffect[] = []
      rendezvousStep().step(state, event, effects, [])
      return effects.map(effect => {
        switch (effect.type) {
          case 'arm':
            return effect.type
          case 'relay':
            return `relay ${effect.params.to}`
          default:
            return `${effect.type} ${RENDEZVOUS_REASONS[effect.params.reason]}`
        }
      })
    },
  }
}

const bind = (holder: number, version: number, address: number, proved = 0) =>
  ({ type: 'BIND', holder, version, address, proved }) as const
const relay = (kind: number, relayed = 0) => ({ type: 'RELAY', kind, relayed }) as const

test('steps like XState, in every state', () => {
  const few = [0, 1, 2]
  const { different, taken, steps } = everywhere(rendezvousMachine, rendezvousStep(), RENDEZVOUS_FIELDS, {
    registers: { holder: few, version: few, address: [0, 1] },
    values: {
      holder: few,
      version: few,
      address: [0, 1],
      proved: [0, 1],
      kind: [0, 1, 2, 3, 4, 5, 6, 7, 8],
      relayed: [0, 1],
    },
  })
  expect(different).toEqual([])
  expect(steps).toBeGreaterThan(1000)
  expect(taken.size).toBe(rendezvousStep().transitions.length)
})

test('a binding only moves forward, and is remembered after its lease (invariant 26)', () => {
  const { on, state } = binding()
  expect(on(bind(1, 5, 11, 1))).toEqual(['arm'])
  expect(on(bind(1, 6, 12))).toEqual(['arm'])
  expect([on(bind(1, 5, 11)), state.address]).toEqual([['refuse stale'], 12])
  expect(on(bind(1, 6, 12))).toEqual(['arm'])
  on({ type: 'EXPIRE' })
  expect([on(bind(1, 5, 11)), on(relay(RSYN))]).toEqual([['refuse stale'], ['drop unbound']])
  expect([on(bind(1, 6, 12)), on(relay(RSYN))]).toEqual([['arm'], ['relay 12']])
})

test('no other host takes a held binding, or one of an address where it was not', () => {
  const { on, state } = binding()
  expect(on(bind(2, 9, 13))).toEqual(['refuse not the holder'])
  on(bind(1, 5, 11, 1))
  expect([on(bind(2, 9, 13, 1)), state.address]).toEqual([['refuse not the holder'], 11])
  on({ type: 'EXPIRE' })
  expect([on(bind(2, 1, 13, 1)), state.address]).toEqual([['arm'], 13])
})

test('relays RSYN and RSYN-ACK, once, and nothing else (invariant 26)', () => {
  const { on } = binding()
  on(bind(1, 5, 11, 1))
  for (const kind of [RSYN, RSYNACK]) expect(on(relay(kind))).toEqual(['relay 11'])
  for (const kind of [SYN, SYNACK, ACK, FIN, RST, DATA]) expect(on(relay(kind))).toEqual(['drop no question'])
  expect(on(relay(RSYN, 1))).toEqual(['drop relayed before'])
})
