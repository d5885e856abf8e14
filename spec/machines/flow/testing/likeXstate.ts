import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import type { MachineEvent, MachineState } from '../../../../checker/lower/printed.ts'
import { byFunction, byXState, snapshotOf } from '../../../../checker/lower/testing/byXstate.ts'
import { walk } from '../../../../checker/search/walk.ts'
import { SLOW } from '../../../../checker/testing/limits.ts'
import { must } from '../../../../checker/text/at.ts'
import { challenge } from '../../../worlds/flow/models/challenge.ts'
import { twoParty } from '../../../worlds/flow/models/twoParty.ts'
import type { Bounds } from '../../../worlds/model.ts'
import { flow } from '../compiled.ts'
import { flowMachine } from '../machine.ts'
import { VERNO_SPACE } from '../registers.ts'
import { flowStep } from '../step.ts'
import { anyState, type Choose, chooser, draw, drawAll, eventOf } from './draw.ts'

const lowered = flowStep()

/** Checks a property for random choices; a failure shows the seed. */
const forAll = (numRuns: number, check: (choose: Choose) => void): void =>
  fc.assert(
    fc.property(fc.nat(), seed => check(chooser(seed))),
    { numRuns },
  )

const at = (state: MachineState) => snapshotOf(flowMachine, flow.tables, state)

/** Runs the step in both implementations and compares. */
function compare(from: MachineState, event: MachineEvent, snapshot: AnyMachineSnapshot = at(from)) {
  const expected = byXState(flowMachine, flow.tables, snapshot, event)
  const found = byFunction(lowered, from, event)
  expect({ from, event, ...found }).toEqual({
    ...{ from, event, fired: found.fired },
    ...{ state: expected.state, effects: expected.effects },
  })
  return { ...found, snapshot: expected.snapshot }
}

const transitionIds = (fired: readonly number[]): string[] => fired.map(t => must(lowered.transitions[t]).id)

const walkers = [twoParty, challenge].map(({ bounds, world }) => {
  const deep: Bounds = Object.fromEntries(Object.entries(bounds).map(([k, b]) => [k, b.deep]))
  return walk(world({ ...deep, clientMoves: 3, serverMoves: 3, aborts: 0 }).system, [])
})

/** How often each property is tried. */
export interface Runs {
  readonly walks: number
  readonly transitions: number
  readonly reached: number
}

/** Defines the tests that hold the lowered flow equal to XState. */
export function testLikeXState(runs: Runs): void {
  describe.each([16, VERNO_SPACE])('on a version circle of %d, the lowered flow steps like XState', space => {
    test('on random walks', SLOW, () => {
      const states = new Set<string>()
      forAll(runs.walks, choose => {
        let state: MachineState = { ...lowered.initial(), space }
        let snapshot = at(state)
        for (let i = 0; i < 40; i++) {
          ;({ state, snapshot } = compare(state, draw(state, choose), snapshot))
          states.add(JSON.stringify(snapshot.value))
        }
      })
      // About 20 of the 48 pairs of states are reachable without an elaborate peer; a few walks reached only 12.
      expect(states.size).toBeGreaterThan(9)
    })

    test('at every transition, from any state', SLOW, () => {
      const find = (t: number, choose: Choose): readonly [MachineState, MachineEvent] => {
        const { id, region, source, event } = must(lowered.transitions[t])
        const index = must(flow.tables.regions.find(r => r.name === region)).states.findIndex(
          s => s.name === source,
        )
        for (let tries = 0; tries < 20_000; tries++) {
          const from = { ...anyState(space, choose), [region]: index }
          const drawn = event === '' ? draw(from, choose) : eventOf(event as never, from, choose)
          if (byFunction(lowered, from, drawn).fired.includes(t)) return [from, drawn]
        }
        throw new Error(`no event was found that takes ${id}`)
      }
      forAll(runs.transitions, choose => {
        for (const t of lowered.transitions.keys()) compare(...find(t, choose))
      })
    })

    test('on every event in states that two parties reach', SLOW, () => {
      const registers = [...Object.keys(flow.tables.registers), ...flow.tables.regions.map(r => r.name)]
      /** The model's circle has 16 versions. Versions just before its end are mapped to just before the other circle's end. */
      const versionOf = (v: number) => (v >= 8 ? v + space - 16 : v)
      const flowOf = (values: Readonly<Record<string, number>>, i: number): MachineState => {
        const found = Object.fromEntries(registers.map(name => [name, values[`flow[${i}].${name}`] ?? 0]))
        return {
          ...found,
          space,
          sndNxt: versionOf(must(found.sndNxt)),
          rcvNxt: versionOf(must(found.rcvNxt)),
        }
      }
      const taken = new Set<string>()
      forAll(runs.reached, choose => {
        const walker = must(walkers[choose(walkers.length)])
        let state = walker.initial()
        for (let i = 0; i < 45; i++) {
          // A quarter of the walks end before the handshake. Another walk then takes the rest of the steps.
          if (walker.enabled(state).length === 0) state = walker.initial()
          const enabled = walker.enabled(state)
          state = walker.take(state, must(enabled[choose(enabled.length)])).state
          if (i % 3 !== 2) continue
          for (const from of [0, 1].map(end => flowOf(walker.decode(state), end)))
            for (const event of drawAll(from, choose))
              for (const id of transitionIds(compare(from, event).fired)) taken.add(id)
        }
      })
      expect(taken.size).toBeGreaterThan(lowered.transitions.length / 3)
    })
  })
}
