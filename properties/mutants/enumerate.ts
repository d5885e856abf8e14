/** All mutants of the machines: of their guards and transitions, and of what their transitions do. */
import type { AnyStateMachine } from 'xstate'
import type { Guard, Transition } from '../../checker/lower/machine.ts'
import type { LoweredMachine } from '../../checker/lower/step.ts'
import * as connection from '../../spec/machines/connection/compiled.ts'
import { connectionMachine } from '../../spec/machines/connection/machine.ts'
import * as flow from '../../spec/machines/flow/compiled.ts'
import { flowMachine } from '../../spec/machines/flow/machine.ts'
import * as listener from '../../spec/machines/listener/compiled.ts'
import { listenerMachine } from '../../spec/machines/listener/machine.ts'
import * as registration from '../../spec/machines/registration/compiled.ts'
import { keeperMachine } from '../../spec/machines/registration/keeper.ts'
import { registrantMachine } from '../../spec/machines/registration/registrant.ts'
import { registrarMachine } from '../../spec/machines/registration/registrar.ts'
import * as rendezvous from '../../spec/machines/rendezvous/compiled.ts'
import { rendezvousMachine } from '../../spec/machines/rendezvous/machine.ts'
import * as resolution from '../../spec/machines/resolution/compiled.ts'
import { delayQueueMachine } from '../../spec/machines/resolution/delayQueue.ts'
import { forwarderMachine } from '../../spec/machines/resolution/forwarder.ts'
import { seekerMachine } from '../../spec/machines/resolution/seeker.ts'
import { always, editAll, without } from '../defects/patch.ts'
import { ActionMutants, type EventFields } from './actions.ts'
import { constant, forcings, replaceName, simplify, textOf } from './conditions.ts'
import type { Mutant } from './mutant.ts'
import { type NamedGuards, namedGuards } from './named.ts'

interface Change {
  readonly name: string
  readonly machine: LoweredMachine
  readonly takes?: Mutant['takes']
}

/** A machine that is mutated. */
export interface Subject {
  /** The name of the machine in worlds. */
  readonly name: string
  readonly definition: AnyStateMachine
  readonly machine: LoweredMachine
  readonly fields: EventFields
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
      },
      ...forced.map(by => ({
        name: `${t.id}: ${by.what}`,
        machine: this.rewritten((g, other) => (other.id === t.id ? by.guard : g)),
      })),
    ]
  }

  /** Returns the mutants that force a guard everywhere, and each part of a combination. */
  ofGuard(machine: string, name: string): Change[] {
    const combined = this.named.combinations.get(name)
    const forced = [
      { what: 'true everywhere', guard: always },
      { what: 'false everywhere', guard: constant(0) },
      ...(combined ? forcings(combined) : []),
    ]
    return forced.map(by => ({
      name: `${machine} guard ${name}: ${by.what}`,
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

/** Returns the mutants of a machine's guards and transitions without duplicates, in the order of the machine. */
function choicesOf({ name: machineName, definition, machine }: Subject): Change[] {
  const original = new Original(definition, machine)
  const changes = [
    ...machine.transitions.flatMap(t => original.ofTransition(t)),
    ...original.named.names.flatMap(guard => original.ofGuard(machineName, guard)),
  ]
  const known = new Set([original.signature(machine)])
  return changes.filter(({ machine: mutated }) => {
    const own = original.signature(mutated)
    const isNew = !known.has(own)
    known.add(own)
    return isNew
  })
}

function mutantsOf(subject: Subject): Mutant[] {
  const changes: Change[] = [
    ...choicesOf(subject),
    ...new ActionMutants(subject.name, subject.machine, subject.fields).all(),
  ]
  const timesNamed = new Map<string, number>()
  return changes.map(({ machine: mutated, ...change }) => {
    // Two alternatives of a guard may contain the same part; each is forced separately.
    const times = (timesNamed.get(change.name) ?? 0) + 1
    timesNamed.set(change.name, times)
    const name = times === 1 ? change.name : `${change.name} (${times})`
    return { ...change, name, machine: subject.name, mutated }
  })
}

const subject = (
  name: string,
  definition: AnyStateMachine,
  machine: LoweredMachine,
  { fields }: { readonly fields: EventFields },
): Subject => ({ name, definition, machine, fields })

export const subjects: readonly Subject[] = [
  subject('flow', flowMachine, flow.flow, flow.flowInterface),
  subject('listener', listenerMachine, listener.listener, listener.listenerInterface),
  subject('connection', connectionMachine, connection.connection, connection.connectionInterface),
  subject('forwarder', forwarderMachine, resolution.forwarder, resolution.forwarderInterface),
  subject('delayQueue', delayQueueMachine, resolution.delayQueue, resolution.delayQueueInterface),
  subject('seeker', seekerMachine, resolution.seeker, resolution.seekerInterface),
  subject('rendezvous', rendezvousMachine, rendezvous.rendezvous, rendezvous.rendezvousInterface),
  subject('registrant', registrantMachine, registration.registrant, registration.registrantInterface),
  subject('registrar', registrarMachine, registration.registrar, registration.registrarInterface),
  subject('keeper', keeperMachine, registration.keeper, registration.keeperInterface),
]

export const mutants: readonly Mutant[] = subjects.flatMap(mutantsOf)
