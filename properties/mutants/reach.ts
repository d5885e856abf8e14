/** Finds the mutants that make a difference in a trial. The others need not be tried there. */

import { any } from '../../checker/ir/expression.ts'
import type { Expr } from '../../checker/ir/ir.ts'
import type { Guard, Transition } from '../../checker/lower/machine.ts'
import { LoweredMachine, lower, type StepContext } from '../../checker/lower/step.ts'
import { explore } from '../../checker/search/explore.ts'
import { at } from '../../checker/text/at.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import { KINDS, type Packet } from '../../spec/machines/flow/packets.ts'
import { listenerMachine } from '../../spec/machines/listener/machine.ts'
import { FORGED } from '../../spec/worlds/flow/attackers.ts'
import { always, both, guard, not } from '../defects/patch.ts'
import type { Mutant } from './enumerate.ts'
import { isAbout, isAttacked, type Trial, worldOf } from './trials.ts'

/** Names of mutants. */
export type Reach = ReadonlySet<string>

interface Probe {
  /** A transition that has the mutant's name and does nothing. */
  readonly point: Transition
  /** A machine that has only `point`. It is enabled where the mutant's step would differ. */
  readonly place: LoweredMachine
}

const either = (...guards: Guard[]): Guard => ({ kind: 'or', guards })

/** A forged packet has a nonce that no flow has. */
const forged = guard('forged', ({ event }: { readonly event: Packet }) => event.nonce === FORGED)

/**
 * Returns the probe of a mutant: enabled if no earlier transition is, and if the changed guard and the original disagree.
 * In a world with an attacker, only forged packets count, because smaller worlds try the rest.
 */
function probeOf(machine: LoweredMachine, { name, changes }: Mutant, attacked: boolean): Probe[] {
  if (!changes || changes.transition.event === '') return []
  const { transition: t, guard: changed } = changes
  if (attacked && !KINDS.some(kind => kind === t.event)) return []
  const original = t.guard ?? always
  const rivals = machine.transitions.filter(
    other => other.region === t.region && other.source === t.source && other.event === t.event,
  )
  const place = rivals.findIndex(({ id }) => id === t.id)
  const before = rivals.slice(0, place).map(rival => rival.guard ?? always)
  const differs = either(both(original, not(changed)), both(changed, not(original)))
  const point = {
    ...t,
    id: name,
    target: undefined,
    actions: [],
    guard: both(...(attacked ? [forged] : []), not(either(...before)), differs),
  }
  // A transition without actions and target is never enabled, so give it a target.
  const alone = machine.tables.regions.map(region => ({
    ...region,
    transitions: region.name === t.region ? [{ ...point, target: t.source }] : [],
  }))
  const scope = { ...machine.scope, FORGED }
  return [{ point, place: new LoweredMachine({ ...machine.tables, regions: alone }, scope) }]
}

/** A machine that records before each step which mutants would take a different one. */
class Probed extends LoweredMachine {
  readonly probes: readonly Probe[]

  constructor(machine: LoweredMachine, mutants: readonly Mutant[], attacked: boolean) {
    super(machine.tables, machine.scope)
    const own = new Set(machine.transitions.map(({ id }) => id))
    this.probes = mutants
      .filter(({ changes }) => changes && own.has(changes.transition.id))
      .flatMap(mutant => probeOf(machine, mutant, attacked))
  }

  override get transitions(): readonly Transition[] {
    return [...super.transitions, ...(this.probes ?? []).map(({ point }) => point)]
  }

  /** Enabled also for events that only a mutant handles. */
  override enabled(c: StepContext, event: string): Expr {
    const places = this.probes
      .filter(p => p.point.event === event)
      .map(({ place }) => place.enabled(c, event))
    return any([super.enabled(c, event), ...places])
  }

  override step(c: StepContext, event: string): void {
    for (const { point, place } of this.probes.filter(p => p.point.event === event))
      c.evaluator.branch(
        place.enabled(c, event),
        () => c.onTransition(point),
        () => {},
      )
    super.step(c, event)
  }
}

export async function reachOf(trial: Trial, mutants: readonly Mutant[]): Promise<Reach> {
  const { only } = trial
  if (trial.machines) return new Set(mutants.map(({ name }) => name))
  if (only) return new Set(mutants.map(({ name }) => name).filter(name => only.mutants.test(name)))
  const attacked = isAttacked(trial)
  const machines = {
    flow: new Probed(flow, mutants, attacked),
    listener: new Probed(lower(listenerMachine), mutants, attacked),
  }
  const { system } = worldOf(trial, { machines })
  const { coverage } = await explore({ ...system, witnesses: [] }, { invariants: 'none' })
  return new Set(
    system.coverage.flatMap((point, i) => (at(coverage, i) > 0 ? [point.replace(/^\S+ /, '')] : [])),
  )
}

/** Returns whether the trial may catch the mutant. For a guard forced everywhere, this is not known in advance. */
export const concerns = (trial: Trial, reach: Reach, { name, machine, changes }: Mutant): boolean =>
  isAbout(trial, machine) &&
  (reach.has(name) || (!trial.only && (!changes || changes.transition.event === '')))
