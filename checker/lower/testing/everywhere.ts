/** Compares a small machine with XState's own step in every state, on every event. */

import type { AnyStateMachine } from 'xstate'
import { must } from '../../text/at.ts'
import { readMachine } from '../machine.ts'
import type { MachineState, StepFunction } from '../printed.ts'
import { byFunction, byXState, type Stepped, snapshotOf } from './byXstate.ts'

type Ranges = Readonly<Record<string, readonly number[]>>

/** Every combination of values. */
export const combinations = (ranges: Ranges): Record<string, number>[] =>
  Object.entries(ranges).reduce<Record<string, number>[]>(
    (found, [name, values]) => found.flatMap(one => values.map(value => ({ ...one, [name]: value }))),
    [{}],
  )

export interface Everywhere {
  /** The number of compared steps. */
  readonly steps: number
  /** The indexes of the transitions taken. */
  readonly taken: ReadonlySet<number>
  /** The differences. */
  readonly different: readonly {
    readonly from: MachineState
    readonly event: object
    readonly both: Stepped[]
  }[]
}

/**
 * Compares the two in all states with these registers, on all events with these values of their fields.
 *
 * @param fields of each event
 */
export function everywhere(
  machine: AnyStateMachine,
  lowered: StepFunction,
  fields: Readonly<Record<string, readonly string[]>>,
  { registers, values }: { readonly registers: Ranges; readonly values: Ranges },
): Everywhere {
  const tables = readMachine(machine)
  const [region] = tables.regions
  const states = combinations({
    ...registers,
    [must(region).name]: must(region).states.map((_, index) => index),
  })
  const events = Object.entries(fields).flatMap(([type, names]) =>
    combinations(Object.fromEntries(names.map(name => [name, must(values[name], name)]))).map(one => ({
      ...one,
      type,
    })),
  )
  const taken = new Set<number>()
  const different: Everywhere['different'][number][] = []
  for (const from of states)
    for (const event of events) {
      const { fired, ...found } = byFunction(lowered, from, event)
      const { state, effects } = byXState(machine, tables, snapshotOf(machine, tables, from), event)
      for (const transition of fired) taken.add(transition)
      if (JSON.stringify(found) !== JSON.stringify({ state, effects }))
        different.push({ from, event, both: [found, { state, effects }] })
    }
  return { steps: states.length * events.length, taken, different }
}
