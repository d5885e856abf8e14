/** Which turns of the machines a trial takes at all: a mutant of one that it does not take would be tried in vain. */
import { flow } from '../../spec/flow/lowered.ts'
import { listenerMachine } from '../../spec/listener/machine.ts'
import { type LoweredMachine, lower } from '../../spec/lower/step.ts'
import { explore } from '../checker/explore.ts'
import { withTransition } from '../defects/patch.ts'
import { worldOf } from './judge.ts'
import type { Mutant } from './mutant.ts'
import type { Trial } from './trials.ts'

/** Transitions that a trial takes, by id; `source event else` where an event comes and no transition takes it. */
export type Reach = ReadonlySet<string>

const otherwise = (source: string, event: string): string => `${source} ${event} else`

/** The machine with a transition that does nothing wherever an event would find none: only for counting. */
function counting(machine: LoweredMachine): LoweredMachine {
  const places = new Map(
    machine.transitions.flatMap(t => (t.event === '' ? [] : [[otherwise(t.source, t.event), t] as const])),
  )
  return [...places].reduce(
    (counted, [id, { region, source, event }]) =>
      withTransition(counted, {
        id,
        region,
        source,
        event,
        target: undefined,
        guard: undefined,
        actions: [],
      }),
    machine,
  )
}

const machines = { flow: counting(flow), listener: counting(lower(listenerMachine)) }

export async function reachOf(trial: Trial): Promise<Reach> {
  const { system } = worldOf(trial, { machines })
  const { coverage } = await explore(system, { invariants: 'none' })
  return new Set(
    system.coverage.flatMap((point, i) => (coverage[i]! > 0 ? [point.replace(/^\S+ /, '')] : [])),
  )
}

/** Whether the trial can tell the mutant from the original: what it removes is taken, what it takes is offered. */
export function concerns(reach: Reach, { changes }: Mutant): boolean {
  if (!changes) return true
  const { transition: t, after } = changes
  return changes.widens
    ? t.event === '' || [...after, otherwise(t.source, t.event)].some(id => reach.has(id))
    : reach.has(t.id)
}
