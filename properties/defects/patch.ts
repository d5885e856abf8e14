/** Small changes to a machine's tables, for defects and mutants. Each must find what it changes, or says so. */
import type { Scope } from '../../checker/lower/evaluate.ts'
import type { Action, Guard, MachineTables, Transition } from '../../checker/lower/machine.ts'
import { LoweredMachine } from '../../checker/lower/step.ts'

/** A transition to put in its place, or to leave out when undefined. */
export type Edit = (t: Transition) => Transition | undefined

/** The machine with `edit` applied to the transitions that `ids` names; all of them must exist. */
export function edit(machine: LoweredMachine, ids: readonly string[], change: Edit): LoweredMachine {
  const known = new Set(machine.transitions.map(t => t.id))
  for (const id of ids) if (!known.has(id)) throw new Error(`the machine has no transition '${id}'`)
  return editAll(machine, t => (ids.includes(t.id) ? change(t) : t))
}

/** The machine with `change` applied to every transition. */
export function editAll(machine: LoweredMachine, change: Edit): LoweredMachine {
  const tables: MachineTables = {
    ...machine.tables,
    regions: machine.tables.regions.map(region => ({
      ...region,
      transitions: region.transitions.flatMap(t => {
        const edited = change(t)
        return edited === undefined ? [] : [edited]
      }),
    })),
  }
  return new LoweredMachine(tables, machine.scope)
}

/** The machine with more names for its functions. */
export const naming = (machine: LoweredMachine, names: Scope): LoweredMachine =>
  new LoweredMachine(machine.tables, { ...machine.scope, ...names })

export const without = (machine: LoweredMachine, ...ids: string[]): LoweredMachine =>
  edit(machine, ids, () => undefined)

/** A transition added behind those that the machine has from its source on its event. */
export function withTransition(machine: LoweredMachine, added: Transition): LoweredMachine {
  const tables: MachineTables = {
    ...machine.tables,
    regions: machine.tables.regions.map(region =>
      region.name === added.region ? { ...region, transitions: [...region.transitions, added] } : region,
    ),
  }
  return new LoweredMachine(tables, machine.scope)
}

type Condition = (args: { context: never; event: never }) => boolean

export const guard = (name: string, fn: Condition): Guard => ({
  kind: 'named',
  name,
  fn,
  params: undefined,
})

export const always: Guard = { kind: 'constant', value: 1 }

export const never: Guard = { kind: 'constant', value: 0 }

export const both = (...guards: Guard[]): Guard => ({ kind: 'and', guards })

export const not = (of: Guard): Guard => ({ kind: 'not', guards: [of] })

/** `guard` with every part called `name` replaced. */
export function replaceNamed(g: Guard, name: string, by: Guard): Guard {
  if (g.kind === 'named') return g.name === name ? by : g
  if (g.kind === 'in' || g.kind === 'constant') return g
  return { kind: g.kind, guards: g.guards.map(part => replaceNamed(part, name, by)) }
}

/** A transition whose guard no longer asks for `name`. */
export const unasked =
  (name: string): Edit =>
  t => ({ ...t, guard: t.guard && replaceNamed(t.guard, name, always) })

/** A transition under another guard. */
export const under =
  (g: Guard): Edit =>
  t => ({ ...t, guard: g })

/** A transition that does something else. */
export const doing =
  (...actions: Action[]): Edit =>
  t => ({ ...t, actions })

/** An action of the machine by name, as some transition has it: an assign, or an effect without parameters. */
export function actionOf(machine: LoweredMachine, name: string): Action {
  for (const t of machine.transitions)
    for (const a of t.actions) if (a.name === name && a.params === undefined) return a
  throw new Error(`the machine has no action '${name}'`)
}

/** The effect `transmit` with these parameters. */
export const transmit = (params: unknown): Action => ({ kind: 'effect', name: 'transmit', params })
