/** What must hold between hosts that register services and the controllers that know them. */
import { at } from '../../../checker/text/at.ts'
import { notBefore } from '../../machines/flow/serial.ts'
import { REGISTRANT, REGISTRAR } from '../../machines/registration/lowered.ts'
import type { Recoverability, Safety } from '../invariant.ts'
import { MESSAGE, type RegistrationWorld } from './state.ts'

/** The registration is there exactly while the socket is bound. */
const isRegistered = (w: RegistrationWorld): boolean =>
  w.host.registrant === REGISTRANT.REGISTERING || w.host.registrant === REGISTRANT.REGISTERED

/** The registry's version only moves forward on the circle, and a registration ends only by a newer one, or its lease. */
const movesForward = (w: RegistrationWorld, was: RegistrationWorld): boolean =>
  w.did.forgot === 1 ||
  was.stored.registrar === REGISTRAR.ABSENT ||
  (notBefore(w.stored.known, was.stored.known, w.host.space) &&
    (w.stored.known !== was.stored.known ||
      w.stored.registrar === was.stored.registrar ||
      (w.stored.registrar !== REGISTRAR.GONE && was.stored.registrar !== REGISTRAR.GONE)))

/** The host was told that its unregistration is stored, and has not listened since. */
const isUnregistered = (w: RegistrationWorld): boolean =>
  w.host.registrant === REGISTRANT.UNREGISTERED &&
  w.host.binds > 0 &&
  w.host.crashed === 0 &&
  w.host.forsaken === 0

/** A message that is known already changes nothing. */
const repeatsNothing = (w: RegistrationWorld, was: RegistrationWorld): boolean =>
  w.live.every(
    (c, i) =>
      w.did.kind === 0 ||
      w.did.controller !== i + 1 ||
      at(was.live, i).registrar === REGISTRAR.ABSENT ||
      (w.did.kind === MESSAGE.REGISTER && at(was.live, i).registrar === REGISTRAR.EXPIRED) ||
      w.did.version !== at(was.live, i).known ||
      (c.registrar === at(was.live, i).registrar && c.known === at(was.live, i).known && c.writing === 0),
  )

export const boundRule: Safety<RegistrationWorld> = {
  id: '47',
  sentence: 'A service is registered exactly while its socket is bound; closing an accepted flow keeps it.',
  source: 'NSDI 2012, 4.2',
  holds: (w: RegistrationWorld): boolean => w.host.crashed === 1 || isRegistered(w) === (w.host.bound === 1),
}

export const idempotent: Safety<RegistrationWorld> = {
  id: '48',
  sentence:
    'Registering and unregistering are idempotent, what is older than what is known changes nothing, and what is confirmed is stored.',
  source: 'RFC 6763, RFC 5061',
  holds: (w: RegistrationWorld, was: RegistrationWorld): boolean =>
    movesForward(w, was) &&
    repeatsNothing(w, was) &&
    !(isUnregistered(w) && w.stored.registrar === REGISTRAR.BOUND) &&
    (w.did.confirmed === 0 ||
      w.stored.registrar === REGISTRAR.ABSENT ||
      notBefore(w.stored.known, w.did.version, w.host.space)),
}

/** Every controller resolves the service to where the host is, or to nothing when nobody listens. */
const isResolved = (w: RegistrationWorld): boolean =>
  w.host.bound === 1
    ? w.host.registrant === REGISTRANT.REGISTERED &&
      w.live.every(c => c.registrar === REGISTRAR.BOUND && c.address === w.host.at)
    : w.host.registrant === REGISTRANT.UNREGISTERED && w.live.every(c => c.registrar !== REGISTRAR.BOUND)

export const resolvable: Recoverability<RegistrationWorld> = {
  id: '49',
  sentence: 'Registered services become resolvable, unregistered ones and those of dead hosts stop being so.',
  source: 'NSDI 2012, 4.2',
  when: (w: RegistrationWorld): boolean => !isResolved(w),
  goal: isResolved,
}

export const registrationTerms = {
  MESSAGE,
  REGISTRANT,
  REGISTRAR,
  isRegistered,
  movesForward,
  isUnregistered,
  repeatsNothing,
  isResolved,
}
