/** All mutants of the machines. Each has one transition removed, or one guard or a part of it forced. */
import type { AnyStateMachine } from 'xstate'
import type { Guard, Transition } from '../../checker/lower/machine.ts'
import { type LoweredMachine, lower } from '../../checker/lower/step.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import { flowMachine } from '../../spec/machines/flow/machine.ts'
import { listenerMachine } from '../../spec/machines/listener/machine.ts'
import { rendezvous } from '../../spec/machines/rendezvous/compiled.ts'
import { rendezvousMachine } from '../../spec/machines/rendezvous/machine.ts'
import { delayQueue, forwarder } from '../../spec/machines/resolution/compiled.ts'
import { delayQueueMachine } from '../../spec/machines/resolution/delayQueue.ts'
import { forwarderMachine } from '../../spec/machines/resolution/forwarder.ts'
import type { Replacement } from '../../spec/worlds/model.ts'
import { always, editAll, without } from '../defects/patch.ts'
import { constant, forcings, replaceName, simplify, textOf } from './conditions.ts'
import { type NamedGuards, namedGuards } from './named.ts'

interface Change {
  readonly name: string
  readonly machine: LoweredMachine
  readonly changes?: Mutant['changes']
}

/** A machine whose guards can be rewritten by their names. */
class Original {
  readonly machine: LoweredMachine
  readonly named: NamedGuards

  constructor(definition: AnyStateMachine, machine: LoweredMachine) {
    this.machine = machine
    this.named = namedGuards(definition, machine)
  }

  /** Returns the machine with rewritten guards, without transitions whose guard is never true. */
  rewritten(rewrite: (guard: Guard, t: Transition) => Guard): LoweredMachine {
    return editAll(this.machine, t => {
      const guard = this.named.of.get(t.id)
      if (!guard) return t
      const changed = simplify(this.named.expand(rewrite(guard, t)))
      if (changed.kind !== 'constant') return { ...t, guard: changed }
      return changed.value === 1 ? { ...t, guard: undefined } : undefined
    })
  }

  /** Returns the mutants of a transition. One mutant stands for its removal and for a guard that is never true. */
  ofTransition(t: Transition): Change[] {
    const guard = this.named.of.get(t.id)
    const forced = guard ? [{ what: 'guard true', guard: always }, ...forcings(guard)] : []
    return [
      {
        name: `${t.id}: removed`,
        machine: without(this.machine, t.id),
        changes: { transition: t, guard: constant(0) },
      },
      ...forced.map(by => ({
        name: `${t.id}: ${by.what}`,
        machine: this.rewritten((g, other) => (other.id === t.id ? by.guard : g)),
        changes: { transition: t, guard: this.named.expand(by.guard) },
      })),
    ]
  }

  /** Returns the mutants that force a guard everywhere, and each part of a combination. */
  ofGuard(name: string): Change[] {
    const combined = this.named.combinations.get(name)
    const forced = [
      { what: 'true everywhere', guard: always },
      { what: 'false everywhere', guard: constant(0) },
      ...(combined ? forcings(combined) : []),
    ]
    return forced.map(by => ({
      name: `guard ${name}: ${by.what}`,
      machine: this.rewritten(g => replaceName(g, name, by.guard)),
    }))
  }

  /** Identifies a machine by its guards and its number of transitions. */
  signature(machine: LoweredMachine): string {
    return machine.transitions
      .map(t => `${t.id} ${t.guard ? textOf(simplify(this.named.expand(t.guard))) : ''}`)
      .join('\n')
  }
}

/** Returns the mutants of one machine without duplicates, in the order of its transitions and then of its guards. */
function mutantsOf(name: string, definition: AnyStateMachine, machine: LoweredMachine): Mutant[] {
  const original = new Original(definition, machine)
  const changes = [
    ...machine.transitions.flatMap(t => original.ofTransition(t)),
    ...original.named.names.flatMap(guard => original.ofGuard(guard)),
  ]
  const known = new Set([original.signature(machine)])
  const timesNamed = new Map<string, number>()
  return changes.flatMap(({ machine: mutated, ...change }) => {
    const own = original.signature(mutated)
    if (known.has(own)) return []
    known.add(own)
    // Two alternatives of a guard may contain the same part; each is forced separately.
    const times = (timesNamed.get(change.name) ?? 0) + 1
    timesNamed.set(change.name, times)
    const unique = times === 1 ? change.name : `${change.name} (${times})`
    return [{ ...change, name: unique, machine: name, replacement: { machines: { [name]: mutated } } }]
  })
}

export const mutants: readonly Mutant[] = [
  ...mutantsOf('flow', flowMachine, flow),
  ...mutantsOf('listener', listenerMachine, lower(listenerMachine)),
  ...mutantsOf('forwarder', forwarderMachine, forwarder),
  ...mutantsOf('delayQueue', delayQueueMachine, delayQueue),
  ...mutantsOf('rendezvous', rendezvousMachine, rendezvous),
]

/** A machine with one guard forced or one transition removed. */
export interface Mutant {
  /** Stable and unique, such as `migration.RSYN_RECV ACK #1: fromCandidate true` or `guard fresh: true everywhere`. */
  readonly name: string
  /** The name of the changed machine in worlds. */
  readonly machine: string
  readonly replacement: Replacement
  /** The original of the changed transition, and its new guard; undefined if a guard is changed everywhere. */
  readonly changes?: { readonly transition: Transition; readonly guard: Guard } | undefined
}
