import { expect, test } from 'vitest'
import { everywhere } from '../../../checker/lower/testing/everywhere.ts'
import { ACK, DATA, RST, SYNACK } from '../flow/packets.ts'
import type { RelayEffect } from './compiled.ts'
import { RELAY_FIELDS, type RelayEvent, relayMachine } from './machine.ts'
import { RELAY_REASONS } from './reasons.ts'
import { relayStep } from './step.ts'

const [CLIENT, SERVER, OTHER] = [1, 2, 3]
const FLOW = 7

/** A flow at a relay, before its SYN. */
function fresh() {
  const state = relayStep().initial()
  return {
    state,
    on(event: RelayEvent): string[] {
      const effects: RelayEffect[] = []
      relayStep().step(state, event, effects, [])
      return effects.map(effect =>
        effect.type === 'arm'
          ? effect.type
          : effect.type === 'carry'
            ? `carry ${effect.params.to}`
            : `drop ${RELAY_REASONS[effect.params.reason]}`,
      )
    },
  }
}

const syn = (from: number, to: number, proved = 1) => ({ type: 'SYN', from, to, proved }) as const
const forth = (from: number, flow = FLOW) => ({ type: 'FORTH', from, flow }) as const
const back = (from: number, kind: number = DATA, flow = FLOW) => ({ type: 'BACK', from, flow, kind }) as const

/** A flow whose server has answered. */
function bound() {
  const one = fresh()
  one.on(syn(CLIENT, SERVER))
  one.on(back(SERVER, SYNACK))
  return one
}

test('steps like XState, in every state', () => {
  const few = [0, 1, 2]
  const { different, taken, steps } = everywhere(relayMachine, relayStep(), RELAY_FIELDS, {
    registers: { client: few, server: few, serverFlow: [0, 1] },
    values: { from: few, to: few, flow: [0, 1], proved: [0, 1], kind: [SYNACK, ACK, RST] },
  })
  expect(different).toEqual([])
  expect(steps).toBeGreaterThan(100)
  expect(taken.size).toBe(relayStep().transitions.length)
})

test('carries packets both ways once the server has answered', () => {
  const { on } = fresh()
  expect(on(forth(CLIENT))).toEqual(['drop unknown flow'])
  expect(on(syn(CLIENT, SERVER, 0))).toEqual(['drop unproved address'])
  expect(on(syn(CLIENT, SERVER))).toEqual(['carry 2', 'arm'])
  expect([on(back(SERVER)), on(back(OTHER, SYNACK))]).toEqual([['drop another end'], ['drop another end']])
  expect(on(back(SERVER, SYNACK))).toEqual(['carry 1', 'arm'])
  expect([on(forth(CLIENT)), on(back(SERVER))]).toEqual([
    ['carry 2', 'arm'],
    ['carry 1', 'arm'],
  ])
})

test('a repeated SYN may ask another instance, until one has answered', () => {
  const { on } = fresh()
  on(syn(CLIENT, SERVER))
  expect(on(back(SERVER, RST))).toEqual(['carry 1'])
  expect(on(syn(CLIENT, OTHER, 0))).toEqual(['drop unproved address'])
  expect(on(syn(CLIENT, OTHER))).toEqual(['carry 3', 'arm'])
  expect(on(back(SERVER, SYNACK))).toEqual(['drop another end'])
  on(back(OTHER, SYNACK))
  expect(on(syn(CLIENT, SERVER))).toEqual(['carry 3', 'arm'])
  expect(on(syn(SERVER, OTHER))).toEqual(['drop another end'])
})

test('follows an end only when its connection to the relay moves (invariant 84)', () => {
  const { on } = bound()
  expect([on(forth(OTHER)), on(back(OTHER))]).toEqual([['drop another end'], ['drop another end']])
  on({ type: 'MOVED', from: CLIENT, to: OTHER })
  expect([on(forth(CLIENT)), on(forth(OTHER)), on(back(SERVER))]).toEqual([
    ['drop another end'],
    ['carry 2', 'arm'],
    ['carry 3', 'arm'],
  ])
})

test('forgets a flow when nothing was carried for long', () => {
  const { on, state } = bound()
  expect(on({ type: 'EXPIRE' })).toEqual([])
  expect(state).toMatchObject({ client: 0, server: 0, serverFlow: 0 })
  expect(on(forth(CLIENT))).toEqual(['drop unknown flow'])
})
