/** One step of a machine by XState itself, in the form of a {@link StepFunction}'s. */

import { type AnyMachineSnapshot, type AnyStateMachine, transition } from 'xstate'
import { at, must } from '../../text/at.ts'
import type { MachineTables } from '../machine.ts'
import type { Effect, MachineEvent, MachineState, StepFunction } from '../printed.ts'

export interface Stepped {
  readonly state: MachineState
  readonly effects: readonly Effect[]
}

const isParallel = (machine: AnyStateMachine): boolean => machine.root.type === 'parallel'

/** Returns XState's snapshot of a state. */
export function snapshotOf(
  machine: AnyStateMachine,
  tables: MachineTables,
  state: MachineState,
): AnyMachineSnapshot {
  const names = tables.regions.map(r => [r.name, at(r.states, must(state[r.name], r.name)).name] as const)
  const value = isParallel(machine) ? Object.fromEntries(names) : at(names, 0)[1]
  const context = Object.fromEntries(Object.keys(tables.registers).map(name => [name, state[name]]))
  return machine.resolveState({ value, context })
}

/** Returns the state of a snapshot. It does not convert the context, so a test sees a boolean. */
export function stateOf(tables: MachineTables, snapshot: AnyMachineSnapshot): MachineState {
  const regions = tables.regions.map(({ name, states }) => {
    const value = typeof snapshot.value === 'string' ? snapshot.value : snapshot.value[name]
    return [name, states.findIndex(s => s.name === value)]
  })
  return { ...snapshot.context, ...Object.fromEntries(regions) }
}

/**
 * Returns the parameters as numbers by name. The type of an event that is passed on whole is no parameter.
 */
const paramsOf = (params: unknown): Record<string, number> => {
  const { type: _, ...numbers } = (params ?? {}) as Record<string, never>
  return numbers
}

export function byXState(
  machine: AnyStateMachine,
  tables: MachineTables,
  from: AnyMachineSnapshot,
  event: MachineEvent,
): Stepped & { readonly snapshot: AnyMachineSnapshot } {
  const [snapshot, actions] = transition(machine, from, event)
  const effects = actions.map(({ type, params }) => ({ type, params: paramsOf(params) }))
  return { snapshot, state: stateOf(tables, snapshot), effects }
}

/** Takes the same step with the lowered function. Does not change `from`. */
export function byFunction(
  lowered: StepFunction,
  from: MachineState,
  event: MachineEvent,
): Stepped & { readonly fired: readonly number[] } {
  const state = { ...from }
  const [effects, fired] = [[] as Effect[], [] as number[]]
  lowered.step(state, event, effects, fired)
  return { state, effects, fired }
}
