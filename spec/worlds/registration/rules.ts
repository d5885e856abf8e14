/** The steps of hosts, controllers and the network in a world of registration. */

import { at } from '../../../checker/text/at.ts'
import { next } from '../../machines/flow/serial.ts'
import { REGISTRANT, REGISTRAR } from '../../machines/registration/states.ts'
import { range } from '../bounds.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { hasRoom, insert, isFirst, remove } from '../network.ts'
import {
  addressOf,
  endFlow,
  hear,
  isForgettable,
  kindOf,
  mayWrite,
  reload,
  usurp,
  versionOf,
  write,
} from './effects.ts'
import { HOMES, MESSAGE, MESSAGES, ORDER, type RegistrationBounds, type RegistrationWorld } from './state.ts'

type RegistrationRule = WorldRule<RegistrationWorld>

/** `REGISTER v15 at 1`. */
const messageLabel = (m: number): string =>
  `${MESSAGES[kindOf(m)]} v${versionOf(m)}${addressOf(m) === 0 ? '' : ` at ${addressOf(m)}`}`

/** Counts a step of actor `f` only if the network has room for what it sends, because a full network loses it. */
const inRoom = (w: RegistrationWorld, { f }: { f: number }): number => (hasRoom(w) ? f + 1 : 0)

const network = (messages: readonly number[], controllers: readonly number[]): RegistrationRule[] => [
  {
    name: 'deliver',
    kind: 'protocol',
    over: { m: messages, f: controllers },
    each: (w, { m, f }) => 4 * at(w.net, m) + f,
    when: (w, { m, f }) =>
      isFirst(w, m) && kindOf(at(w.net, m)) !== MESSAGE.CONFIRM && at(w.live, f - 1).writing === 0,
    take: (w, { m, f }) => {
      const message = at(w.net, m)
      remove(w, m)
      hear(w, f - 1, message)
    },
    label: (w, { m, f }) => `deliver ${messageLabel(at(w.net, m))} to controller ${f}`,
  },
  {
    name: 'answer',
    kind: 'protocol',
    over: { m: messages },
    each: (w, { m }) => at(w.net, m),
    when: (w, { m }) => isFirst(w, m) && kindOf(at(w.net, m)) === MESSAGE.CONFIRM,
    take: (w, { m }) => {
      const message = at(w.net, m)
      remove(w, m)
      w.did.host = 1
      step('registrant', w.host, 'CONFIRMED', { version: versionOf(message) })
    },
    label: (w, { m }) => `deliver ${messageLabel(at(w.net, m))} to the host`,
  },
  {
    name: 'lose',
    kind: 'fault',
    over: { m: messages },
    when: (w, { m }) => w.loss === 1 && isFirst(w, m),
    take: (w, { m }) => remove(w, m),
    label: (w, { m }) => `lose ${messageLabel(at(w.net, m))}`,
  },
  {
    name: 'duplicate',
    kind: 'fault',
    over: { m: messages },
    when: (w, { m }) => w.duplication === 1 && isFirst(w, m) && hasRoom(w),
    take: (w, { m }) => insert(w, at(w.net, m)),
    label: (w, { m }) => `duplicate ${messageLabel(at(w.net, m))}`,
  },
]

const listening: RegistrationRule[] = [
  {
    name: 'bind',
    kind: 'environment',
    when: w => w.host.crashed === 0 && w.host.bound === 0 && w.host.binds < w.mayBind,
    take: w => {
      w.host.bound = 1
      w.host.binds = w.host.binds + 1
      step('registrant', w.host, 'BIND', { address: w.host.at })
    },
  },
  {
    name: 'move',
    kind: 'environment',
    over: { a: [...HOMES] },
    when: (w, { a }) => w.host.crashed === 0 && w.host.at !== a && w.host.moves < w.mayMove,
    take: (w, { a }) => {
      w.host.at = a
      w.host.moves = w.host.moves + 1
      step('registrant', w.host, 'MOVE', { address: a })
    },
  },
  {
    name: 'unbind',
    kind: 'environment',
    when: w => w.host.bound === 1,
    take: w => {
      w.host.bound = 0
      step('registrant', w.host, 'UNBIND')
    },
  },
  {
    name: 'accept',
    kind: 'environment',
    when: w => w.host.bound === 1 && w.host.child < w.mayAccept,
    take: w => {
      w.host.child = 1
    },
  },
  {
    name: 'flow ends',
    kind: 'environment',
    when: w => w.host.child === 1,
    take: w => endFlow(w),
  },
  {
    name: 'crash',
    kind: 'fault',
    when: w => w.mayCrash > 0 && w.host.crashed === 0,
    take: w => {
      w.host.crashed = 1
      w.host.bound = 0
      if (w.mayAccept > 0) w.host.child = 0
      w.host.registrant = REGISTRANT.UNREGISTERED
    },
  },
]

const timers: RegistrationRule[] = [
  {
    name: 'timeout',
    kind: 'protocol',
    timer: true,
    each: inRoom,
    when: w => can('registrant', w.host, 'TIMEOUT'),
    take: w => step('registrant', w.host, 'TIMEOUT'),
  },
  {
    name: 'give up',
    kind: 'fault',
    when: w => w.mayGiveUp > 0 && can('registrant', w.host, 'GIVEUP'),
    take: w => {
      w.host.forsaken = 1
      step('registrant', w.host, 'GIVEUP')
    },
  },
]

const isIdle = (c: { readonly writing: number; readonly registrar: number }): boolean =>
  c.writing === 0 && c.registrar === REGISTRAR.BOUND

const CONTROLLING: readonly RegistrationRule[] = [
  {
    name: 'write',
    kind: 'protocol',
    // Separates a confirmed write from one that forgets a record, one that is too late, and one whose answer finds the
    // network full.
    each: (w, { f }) =>
      16 * at(w.live, f - 1).registrar + 4 * f + (mayWrite(at(w.live, f - 1)) ? 2 : 0) + (hasRoom(w) ? 1 : 0),
    when: (w, { f }) => at(w.live, f - 1).writing === 1,
    take: (w, { f }) => {
      if (mayWrite(at(w.live, f - 1))) write(w, f - 1)
      else reload(w, f - 1)
    },
  },
  {
    name: 'see',
    kind: 'protocol',
    when: (w, { f }) => at(w.live, f - 1).fresh === 0 && at(w.live, f - 1).writing === 0,
    take: (w, { f }) => reload(w, f - 1),
  },
  {
    name: 'restart',
    kind: 'fault',
    when: (w, { f }) =>
      w.mayRestart > 0 && (at(w.live, f - 1).writing === 1 || at(w.live, f - 1).fresh === 0),
    take: (w, { f }) => reload(w, f - 1),
  },
  {
    // The host no longer renews it.
    name: 'lease ends',
    kind: 'protocol',
    timer: true,
    when: (w, { f }) =>
      isIdle(at(w.live, f - 1)) &&
      w.host.registrant === REGISTRANT.UNREGISTERED &&
      can('registrar', at(w.live, f - 1), 'EXPIRE'),
    take: (w, { f }) => step('registrar', at(w.live, f - 1), 'EXPIRE'),
  },
  {
    // The host is up, but cut off for longer than the lease.
    name: 'lease ends early',
    kind: 'fault',
    when: (w, { f }) =>
      isIdle(at(w.live, f - 1)) &&
      w.host.registrant !== REGISTRANT.UNREGISTERED &&
      can('registrar', at(w.live, f - 1), 'EXPIRE'),
    take: (w, { f }) => step('registrar', at(w.live, f - 1), 'EXPIRE'),
  },
  {
    name: 'forget',
    kind: 'protocol',
    timer: true,
    when: (w, { f }) =>
      at(w.live, f - 1).writing === 0 &&
      at(w.live, f - 1).registrar !== REGISTRAR.BOUND &&
      isForgettable(w, f - 1) &&
      can('registrar', at(w.live, f - 1), 'EXPIRE'),
    take: (w, { f }) => step('registrar', at(w.live, f - 1), 'EXPIRE'),
  },
]

/** The operator gives its orders at any controller. */
const OPERATING: readonly RegistrationRule[] = [
  {
    name: 'evict',
    kind: 'environment',
    when: (w, { f }) =>
      at(w.live, f - 1).writing === 0 &&
      w.evictions < w.mayEvict &&
      can('registrar', at(w.live, f - 1), 'EVICT'),
    take: (w, { f }) => {
      w.evictions = w.evictions + 1
      at(w.live, f - 1).ordered = ORDER.EVICT
      step('registrar', at(w.live, f - 1), 'EVICT')
    },
  },
  {
    name: 'admit',
    kind: 'environment',
    when: (w, { f }) => at(w.live, f - 1).writing === 0 && can('registrar', at(w.live, f - 1), 'ADMIT'),
    take: (w, { f }) => {
      at(w.live, f - 1).ordered = ORDER.ADMIT
      step('registrar', at(w.live, f - 1), 'ADMIT')
    },
  },
]

/** A host that lacks the key knows the instance's name and version, and claims it with this version or the next one. */
const USURPING: RegistrationRule = {
  name: 'usurp',
  kind: 'fault',
  over: { m: [MESSAGE.REGISTER, MESSAGE.UNREGISTER], a: [0, 1] },
  when: (w, { f }) => at(w.live, f - 1).writing === 0,
  take: (w, { m, a, f }) =>
    usurp(w, f - 1, m, a === 0 ? at(w.live, f - 1).known : next(at(w.live, f - 1).known, w.host.space)),
}

const controlling = (
  rules: readonly RegistrationRule[],
  controllers: readonly number[],
): RegistrationRule[] =>
  rules.map(rule => ({
    ...rule,
    over: { f: [...controllers] },
    label: (_w, { f }) => `${rule.name} at controller ${f}`,
  }))

const usurping = (controllers: readonly number[]): RegistrationRule[] => [
  {
    ...USURPING,
    over: { f: [...controllers], ...USURPING.over },
    label: (_w, { m, a, f }) =>
      `a stranger sends ${at(MESSAGES, m)} with ${a === 0 ? 'the known' : 'the next'} version to controller ${f}`,
  },
]

export const registrationScope = { isIdle }

/** Actors by number: the host is 0, controllers follow. */
export const registrationRules = (b: RegistrationBounds): RegistrationRule[] => {
  const controllers = range(b.controllers, 1)
  const ofHost = (rule: RegistrationRule): RegistrationRule => ({
    ...rule,
    over: { f: [0], ...rule.over },
    label: (_w, { a }) => (a === undefined ? rule.name : `${rule.name} to ${a}`),
  })
  return [
    ...network(range(b.capacity), controllers),
    ...listening.map(ofHost),
    ...timers.map(ofHost),
    ...controlling(CONTROLLING, controllers),
    ...(b.evictions > 0 ? controlling(OPERATING, controllers) : []),
    ...(b.strangers > 0 ? usurping(controllers) : []),
  ]
}
