/** Terms that the invariants of registration use. */
import { at } from '../../../checker/text/at.ts'
import { notBefore } from '../../machines/flow/serial.ts'
import { REGISTRANT, REGISTRAR } from '../../machines/registration/states.ts'
import { MESSAGE, type RegistrationState, type RegistrationWorld } from './state.ts'

/** The host registers, or has registered, the service. */
export const isRegistered = (w: RegistrationState): boolean =>
  w.host.registrant === REGISTRANT.REGISTERING || w.host.registrant === REGISTRANT.REGISTERED

/** The registry's version only moves forward on the circle. Only a newer message or the end of its lease ends a registration. */
export const movesForward = (w: RegistrationWorld, was: RegistrationWorld): boolean =>
  w.did.forgot === 1 ||
  was.stored.registrar === REGISTRAR.ABSENT ||
  (notBefore(w.stored.known, was.stored.known, w.host.space) &&
    (w.stored.known !== was.stored.known ||
      w.stored.registrar === was.stored.registrar ||
      (w.stored.registrar !== REGISTRAR.GONE && was.stored.registrar !== REGISTRAR.GONE)))

/** The host has unregistered with confirmation, and has not listened since. */
export const isUnregistered = (w: RegistrationState): boolean =>
  w.host.registrant === REGISTRANT.UNREGISTERED &&
  w.host.binds > 0 &&
  w.host.crashed === 0 &&
  w.host.forsaken === 0

/** A repeated message changes nothing. */
export const repeatsNothing = (w: RegistrationWorld, was: RegistrationWorld): boolean =>
  w.live.every(
    (c, i) =>
      w.did.kind === 0 ||
      w.did.controller !== i + 1 ||
      at(was.live, i).registrar === REGISTRAR.ABSENT ||
      (w.did.kind === MESSAGE.REGISTER && at(was.live, i).registrar === REGISTRAR.EXPIRED) ||
      w.did.version !== at(was.live, i).known ||
      (c.registrar === at(was.live, i).registrar && c.known === at(was.live, i).known && c.writing === 0),
  )

/** No controller has changed what it knows, or begun to write. */
export const isUnchanged = (w: RegistrationWorld, was: RegistrationWorld): boolean =>
  w.live.every(
    (c, i) =>
      c.registrar === at(was.live, i).registrar &&
      c.known === at(was.live, i).known &&
      c.address === at(was.live, i).address &&
      c.writing === at(was.live, i).writing,
  )

/** Every controller resolves the service to the host's address; to nothing while it is evicted or the socket is not bound. */
export const isResolved = (w: RegistrationState): boolean =>
  w.evicted === 1
    ? w.live.every(c => c.registrar !== REGISTRAR.BOUND)
    : w.host.bound === 1
      ? w.host.registrant === REGISTRANT.REGISTERED &&
        w.live.every(c => c.registrar === REGISTRAR.BOUND && c.address === w.host.at)
      : w.host.registrant === REGISTRANT.UNREGISTERED && w.live.every(c => c.registrar !== REGISTRAR.BOUND)
