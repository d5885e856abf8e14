import { describe, expect, test } from 'vitest'
import type { Effect, MachineState, StepFunction } from '../../../checker/lower/printed.ts'
import { at } from '../../../checker/text/at.ts'
import { registrant, registrar } from './compiled.ts'
import { REGISTRANT, REGISTRAR } from './states.ts'
import { registrantStep, registrarStep } from './step.ts'

/** A machine that records the names of its effects. */
function running({ step, initial }: StepFunction, given: MachineState = {}) {
  const state: MachineState = { ...initial(), ...given }
  const on = (type: string, fields: Readonly<Record<string, number>> = {}): string[] => {
    const effects: Effect[] = []
    step(state, { type, ...fields }, effects, [])
    return effects.map(effect => effect.type)
  }
  return { state, on }
}

test("states have the numbers of the machines' order", () => {
  for (const [machine, names] of [
    [registrant, REGISTRANT],
    [registrar, REGISTRAR],
  ] as const)
    expect(at(machine.tables.regions, 0).states.map(({ name }) => name)).toEqual(Object.keys(names))
})

describe('registrant', () => {
  test('registers, refreshes, moves and unregisters, with a new version for each change', () => {
    const { state, on } = running(registrantStep(), { version: 2 ** 32 - 1 })
    expect([on('BIND', { address: 7 }), state.version]).toEqual([['register'], 0])
    expect([on('CONFIRMED', { version: 0 }), state.registrant]).toEqual([['rest'], REGISTRANT.REGISTERED])
    expect([on('TIMEOUT'), on('CONFIRMED', { version: 0 }), state.version]).toEqual([
      ['register'],
      ['rest'],
      0,
    ])
    expect([on('MOVE', { address: 7 }), on('MOVE', { address: 8 }), state.version]).toEqual([
      [],
      ['register'],
      1,
    ])
    expect([on('UNBIND'), state.version, on('TIMEOUT')]).toEqual([['unregister'], 2, ['unregister']])
    expect([on('CONFIRMED', { version: 2 }), state.registrant]).toEqual([
      ['release'],
      REGISTRANT.UNREGISTERED,
    ])
  })

  test('ignores a confirmation of an older version', () => {
    const { on } = running(registrantStep())
    on('BIND', { address: 7 })
    on('MOVE', { address: 8 })
    expect([on('CONFIRMED', { version: 1 }), on('CONFIRMED', { version: 2 })]).toEqual([[], ['rest']])
  })
})

describe('registrar', () => {
  test('confirms after storing', () => {
    const { on } = running(registrarStep())
    expect([on('REGISTER', { version: 5, address: 7 }), on('STORED')]).toEqual([
      ['store'],
      ['lease', 'confirm'],
    ])
    expect(on('REGISTER', { version: 5, address: 7 })).toEqual(['lease', 'confirm'])
    expect([on('UNREGISTER', { version: 6 }), on('STORED')]).toEqual([['store'], ['keep', 'confirm']])
    expect(on('UNREGISTER', { version: 6 })).toEqual(['keep', 'confirm'])
  })

  test('ignores older versions, also across the wrap-around (invariant 48)', () => {
    const { state, on } = running(registrarStep())
    on('REGISTER', { version: 1, address: 7 })
    const before = { ...state }
    for (const version of [0, 2 ** 32 - 1, 2 ** 31 + 1]) {
      expect(on('REGISTER', { version, address: 9 })).toEqual(['stale'])
      expect(on('UNREGISTER', { version })).toEqual(['stale'])
    }
    expect(on('UNREGISTER', { version: 1 })).toEqual(['stale'])
    expect(state).toEqual(before)
  })

  test('a registration that arrives after its unregistration is stale, in either order', () => {
    const { state, on } = running(registrarStep())
    expect(on('UNREGISTER', { version: 6 })).toEqual(['store'])
    expect([on('REGISTER', { version: 5, address: 7 }), state.registrar]).toEqual([['stale'], REGISTRAR.GONE])
  })

  test('an evicted instance stays out until an operator admits it or its host unregisters it (invariant 73)', () => {
    const { state, on } = running(registrarStep())
    on('REGISTER', { version: 5, address: 7 })
    expect([on('EVICT'), on('STORED'), state.address]).toEqual([['store'], ['keep', 'reject'], 0])
    expect(on('REGISTER', { version: 5, address: 7 })).toEqual(['keep', 'reject'])
    expect([on('REGISTER', { version: 6, address: 8 }), state.registrar, state.known]).toEqual([
      ['store'],
      REGISTRAR.EVICTED,
      6,
    ])
    expect([on('REGISTER', { version: 5, address: 7 }), on('UNREGISTER', { version: 6 })]).toEqual([
      ['stale'],
      ['stale'],
    ])
    expect([on('ADMIT'), on('REGISTER', { version: 6, address: 8 }), state.registrar]).toEqual([
      ['store'],
      ['store'],
      REGISTRAR.BOUND,
    ])
    on('EVICT')
    expect([on('UNREGISTER', { version: 7 }), state.registrar]).toEqual([['store'], REGISTRAR.GONE])
    expect([on('REGISTER', { version: 8, address: 7 }), state.registrar]).toEqual([
      ['store'],
      REGISTRAR.BOUND,
    ])
  })

  test('after its lease an instance may return unchanged; once forgotten, it may have any version', () => {
    const { state, on } = running(registrarStep())
    on('REGISTER', { version: 5, address: 7 })
    expect([on('EXPIRE'), on('STORED'), state.address]).toEqual([['store'], ['keep'], 0])
    expect([on('REGISTER', { version: 5, address: 7 }), state.registrar]).toEqual([
      ['store'],
      REGISTRAR.BOUND,
    ])
    on('EXPIRE')
    expect([on('EXPIRE'), state.registrar, state.known]).toEqual([['store'], REGISTRAR.ABSENT, 0])
    expect(on('REGISTER', { version: 1, address: 7 })).toEqual(['store'])
  })
})
