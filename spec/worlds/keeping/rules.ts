/** The steps of hosts, controllers, the registry and time in a world of leases. */
import { at } from '../../../checker/text/at.ts'
import { REGISTRAR } from '../../machines/registration/states.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { due, kill, lose, mayReplace, pass, reach, read, renew, turn, write } from './effects.ts'
import { isServed, type KeepingState, type KeepingWorld, LEASE, MISSED, SETTLED } from './state.ts'

type KeepingRule = WorldRule<KeepingWorld>

/** The controller is writing to the registry. */
export const isBusy = (w: KeepingState, c: number): boolean =>
  at(w.live, c).writing === 1 || at(w.live, c).telling === 1 || at(w.live, c).restoring === 1

/** The host can renew now. A controller reads nothing of the instance while it writes it. */
export const mayRenew = (w: KeepingState, c: number): boolean =>
  w.host.at === c &&
  w.host.alive === 1 &&
  w.host.renewed === 0 &&
  at(w.live, c).up === 1 &&
  at(w.live, c).writing === 0

/** The registry has something newer for `c`; nothing replaces a record that it has lost. */
export const isBehind = (w: KeepingState, c: number): boolean =>
  at(w.live, c).linked === 1 &&
  at(w.live, c).fresh === 0 &&
  (at(w.live, c).lost === 0 || w.stored.registrar !== REGISTRAR.ABSENT)

export const isDue = (w: KeepingState, c: number): boolean =>
  at(w.live, c).up === 1 &&
  at(w.live, c).registrar === REGISTRAR.BOUND &&
  at(w.live, c).writing === 0 &&
  at(w.live, c).age === LEASE

export const isLinkable = (w: KeepingState, c: number): boolean =>
  at(w.live, c).up === 1 && at(w.live, c).linked === 0 && w.answers === 1

/** The host's controller `c` is dead, and the other is there. */
export const mustTurn = (w: KeepingState, c: number): boolean =>
  w.host.at === c && w.host.alive === 1 && at(w.live, c).up === 0 && at(w.live, 1 - c).up === 1

/** The controller has something to do before time passes. */
export const isAwake = (w: KeepingState, c: number): boolean =>
  mayRenew(w, c) ||
  mustTurn(w, c) ||
  (at(w.live, c).linked === 1 && isBusy(w, c)) ||
  isBehind(w, c) ||
  isDue(w, c) ||
  isLinkable(w, c)

const CONTROLLING: readonly KeepingRule[] = [
  {
    name: 'write',
    kind: 'protocol',
    each: (w, { f }) => 4 * f + (mayReplace(w, f - 1) ? 2 : 0) + at(w.live, f - 1).writing,
    when: (w, { f }) => at(w.live, f - 1).linked === 1 && isBusy(w, f - 1),
    take: (w, { f }) => {
      if (mayReplace(w, f - 1)) write(w, f - 1)
      else {
        read(w, f - 1)
        // A claim that met a conflict is decided again.
        if (w.host.at === f - 1) w.host.renewed = 0
      }
    },
  },
  {
    name: 'see',
    kind: 'protocol',
    when: (w, { f }) => isBehind(w, f - 1) && !isBusy(w, f - 1),
    take: (w, { f }) => read(w, f - 1),
  },
  {
    name: 'due',
    kind: 'protocol',
    when: (w, { f }) => isDue(w, f - 1),
    take: (w, { f }) => due(w, f - 1),
  },
  {
    name: 'reach',
    kind: 'protocol',
    when: (w, { f }) => isLinkable(w, f - 1),
    take: (w, { f }) => {
      w.calm = 0
      reach(w, f - 1)
    },
  },
  {
    name: 'kill',
    kind: 'fault',
    when: (w, { f }) => w.mayKill === 1 && at(w.live, f - 1).up === 1,
    take: (w, { f }) => {
      w.calm = 0
      kill(w, f - 1)
    },
  },
  {
    // A controller starts only with its registry, and reads all of it first.
    name: 'start',
    kind: 'fault',
    when: (w, { f }) => at(w.live, f - 1).up === 0 && w.answers === 1,
    take: (w, { f }) => {
      w.calm = 0
      at(w.live, f - 1).up = 1
      at(w.live, f - 1).linked = 1
      read(w, f - 1)
    },
  },
  {
    name: 'evict',
    kind: 'environment',
    when: (w, { f }) =>
      w.mayEvict === 1 && at(w.live, f - 1).writing === 0 && can('registrar', at(w.live, f - 1), 'EVICT'),
    take: (w, { f }) => {
      w.calm = 0
      step('registrar', at(w.live, f - 1), 'EVICT')
    },
  },
]

const HOSTING: readonly KeepingRule[] = [
  {
    name: 'renew',
    kind: 'protocol',
    when: (w, { f }) => mayRenew(w, f - 1),
    take: (w, { f }) => renew(w, f - 1),
  },
  {
    name: 'turn',
    kind: 'protocol',
    when: (w, { f }) => mustTurn(w, f - 1),
    take: (w, { f }) => turn(w, f - 1),
  },
  {
    name: 'turn early',
    kind: 'fault',
    when: (w, { f }) =>
      w.host.alive === 1 && w.host.at === f - 1 && at(w.live, f - 1).up === 1 && at(w.live, 2 - f).up === 1,
    take: (w, { f }) => {
      w.calm = 0
      turn(w, f - 1)
    },
  },
]

const AROUND: readonly KeepingRule[] = [
  {
    name: 'die',
    kind: 'fault',
    when: w => w.mayDie === 1 && w.host.alive === 1,
    take: w => {
      w.calm = 0
      w.host.alive = 0
      w.host.renewed = 0
    },
  },
  {
    name: 'tick',
    kind: 'protocol',
    when: w => !isAwake(w, 0) && !isAwake(w, 1),
    take: w => {
      // A renewal that the registry cannot hear of counts while the registry is silent.
      if (w.host.renewed === 1 && (isServed(w) || w.answers === 0)) w.host.missed = 0
      else if (w.host.missed < MISSED) w.host.missed = w.host.missed + 1
      w.host.renewed = 0
      for (let c = 0; c < w.live.length; c++) pass(w, c)
      if (w.calm < SETTLED) w.calm = w.calm + 1
    },
  },
  {
    name: 'outage',
    kind: 'fault',
    when: w => w.maySilence === 1 && w.answers === 1,
    take: w => {
      w.calm = 0
      w.answers = 0
      for (let c = 0; c < w.live.length; c++) at(w.live, c).linked = 0
    },
  },
  {
    name: 'lose data',
    kind: 'fault',
    when: w => w.mayLose === 1 && w.answers === 0,
    take: w => {
      w.calm = 0
      lose(w)
    },
  },
  {
    name: 'registry returns',
    kind: 'protocol',
    when: w => w.answers === 0,
    take: w => {
      w.calm = 0
      w.answers = 1
    },
  },
]

export const keepingScope = { isBusy, mayRenew, isBehind, isDue, isLinkable, isAwake, mustTurn }

/** Controllers have the numbers 1 and 2. */
export const keepingRules: KeepingRule[] = [
  ...[...HOSTING, ...CONTROLLING].map(
    (rule): KeepingRule => ({
      ...rule,
      over: { f: [1, 2] },
      label: (_w, { f }) => `${rule.name} at controller ${f}`,
    }),
  ),
  ...AROUND,
]
