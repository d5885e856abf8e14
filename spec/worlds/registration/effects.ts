/** Carries out the machines' effects in a world of registration, and delivers messages to the machines. */

import { at } from '../../../checker/text/at.ts'
import { REGISTRANT, REGISTRAR } from '../../machines/registration/states.ts'
import { type EffectsOf, step } from '../machines.ts'
import { insert } from '../network.ts'
import {
  AT_ADDRESS,
  AT_VERSION,
  type Controller,
  MESSAGE,
  ORDER,
  type Registrant,
  type RegistrationWorld,
  STRANGER,
} from './state.ts'

export const messageOf = (kind: number, version: number, address: number): number =>
  kind | (version << AT_VERSION) | (address << AT_ADDRESS)

export const kindOf = (message: number): number => message & 3
export const versionOf = (message: number): number => (message >> AT_VERSION) & 15
export const addressOf = (message: number): number => message >> AT_ADDRESS

export const registrationEffects = {
  register: (w: RegistrationWorld, self: Registrant): void =>
    insert(w, messageOf(MESSAGE.REGISTER, self.version, self.address)),
  unregister: (w: RegistrationWorld, self: Registrant): void =>
    insert(w, messageOf(MESSAGE.UNREGISTER, self.version, 0)),
  store: (_w: RegistrationWorld, self: Controller): void => {
    self.writing = 1
  },
  confirm: (w: RegistrationWorld, self: Controller): void => {
    w.did.confirmed = 1
    w.did.version = self.known
    insert(w, messageOf(MESSAGE.CONFIRM, self.known, 0))
  },
  rest: (): void => {},
  release: (): void => {},
  lease: (): void => {},
  keep: (): void => {},
  reject: (): void => {},
  deny: (): void => {},
  stale: (): void => {},
} satisfies EffectsOf<'registrant', RegistrationWorld, Registrant> &
  EffectsOf<'registrar', RegistrationWorld, Controller>

/** A flow that the socket accepted ends: the registrant has nothing to do. */
export const endFlow = (w: RegistrationWorld): void => {
  w.host.child = 0
}

/** The controller `c` receives a message of the host. */
export const hear = (w: RegistrationWorld, c: number, message: number): void => {
  w.did.kind = kindOf(message)
  w.did.version = versionOf(message)
  w.did.controller = c + 1
  if (kindOf(message) === MESSAGE.REGISTER)
    step('registrar', at(w.live, c), 'REGISTER', {
      version: versionOf(message),
      address: addressOf(message),
      allowed: 1,
    })
  if (kindOf(message) === MESSAGE.UNREGISTER)
    step('registrar', at(w.live, c), 'UNREGISTER', { version: versionOf(message), allowed: 1 })
}

/** A host without the key of the name claims it at the controller `c`, with this version. */
export const usurp = (w: RegistrationWorld, c: number, kind: number, version: number): void => {
  w.did.denied = 1
  if (kind === MESSAGE.REGISTER)
    step('registrar', at(w.live, c), 'REGISTER', { version, address: STRANGER, allowed: 0 })
  if (kind === MESSAGE.UNREGISTER) step('registrar', at(w.live, c), 'UNREGISTER', { version, allowed: 0 })
}

/** The registry accepts a change only from a controller with its newest state. Of two concurrent writers, one must reload. */
export const mayWrite = (c: Controller): boolean => c.fresh === 1

/** The controller `c` reads the registry, and drops the change that it was about to write. */
export const reload = (w: RegistrationWorld, c: number): void => {
  at(w.live, c).known = w.stored.known
  at(w.live, c).address = w.stored.address
  at(w.live, c).registrar = w.stored.registrar
  at(w.live, c).writing = 0
  at(w.live, c).fresh = 1
  if (w.mayEvict > 0) at(w.live, c).ordered = 0
}

/** The controller `c` tells the operator that the registry has stored the order. */
export const obey = (w: RegistrationWorld, c: number): void => {
  if (at(w.live, c).ordered === ORDER.EVICT) w.evicted = 1
  if (at(w.live, c).ordered === ORDER.ADMIT) w.evicted = 0
  // The host has unregistered the instance, or was silent until it was forgotten.
  if (w.stored.registrar === REGISTRAR.GONE || w.stored.registrar === REGISTRAR.ABSENT) w.evicted = 0
  at(w.live, c).ordered = 0
}

export const write = (w: RegistrationWorld, c: number): void => {
  w.did.forgot = at(w.live, c).registrar === REGISTRAR.ABSENT ? 1 : 0
  w.stored.known = at(w.live, c).known
  w.stored.address = at(w.live, c).address
  w.stored.registrar = at(w.live, c).registrar
  for (let i = 0; i < w.live.length; i++) at(w.live, i).fresh = i === c ? 1 : 0
  at(w.live, c).writing = 0
  if (w.mayEvict > 0) obey(w, c)
  step('registrar', at(w.live, c), 'STORED')
}

/**
 * No message of the host is in flight, so the record of an ended instance has outlived them all. That of an evicted instance
 * is kept until its host is dead.
 */
export const isForgettable = (w: RegistrationWorld, c: number): boolean =>
  w.net.every(m => m === 0 || kindOf(m) === MESSAGE.CONFIRM) &&
  (at(w.live, c).registrar !== REGISTRAR.EVICTED || w.host.registrant === REGISTRANT.UNREGISTERED)
