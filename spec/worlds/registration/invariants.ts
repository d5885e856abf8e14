/** What must hold between hosts that register services and the controllers that know them. */
import { notBefore } from '../../machines/flow/serial.ts'
import { REGISTRAR } from '../../machines/registration/states.ts'
import { invariantsOf, type Liveness, type Recoverability, type Safety } from '../invariant.ts'
import type { RegistrationWorld } from './state.ts'
import {
  isRegistered,
  isResolved,
  isUnchanged,
  isUnregistered,
  movesForward,
  repeatsNothing,
} from './terms.ts'

export const registeredWhileBound: Safety<RegistrationWorld> = {
  id: '47',
  name: 'registered-while-bound',
  sentence:
    'A service is registered exactly while its socket is bound. Closing an accepted flow keeps the registration.',
  source: 'NSDI 2012, 4.2',
  holds: (w: RegistrationWorld): boolean => w.host.crashed === 1 || isRegistered(w) === (w.host.bound === 1),
}

export const idempotentRegistration: Safety<RegistrationWorld> = {
  id: '48',
  name: 'idempotent-registration',
  sentence:
    'Registering and unregistering are idempotent. A message older than the known version changes nothing. What a controller confirms is stored.',
  source: 'RFC 6763, RFC 5061',
  holds: (w: RegistrationWorld, was: RegistrationWorld): boolean =>
    movesForward(w, was) &&
    repeatsNothing(w, was) &&
    !(isUnregistered(w) && w.stored.registrar === REGISTRAR.BOUND) &&
    (w.did.confirmed === 0 ||
      w.stored.registrar === REGISTRAR.ABSENT ||
      notBefore(w.stored.known, w.did.version, w.host.space)),
}

export const evictedStaysOut: Safety<RegistrationWorld> = {
  id: '73',
  name: 'evicted-stays-out',
  sentence:
    'Once an operator learns that an eviction is stored, no registration brings the instance back until an operator admits it or its host unregisters it.',
  source: 'kubectl cordon',
  holds: (w: RegistrationWorld): boolean => w.evicted === 0 || w.stored.registrar === REGISTRAR.EVICTED,
}

export const deniedClaimsChangeNothing: Safety<RegistrationWorld> = {
  id: '74',
  name: 'denied-claims-change-nothing',
  sentence:
    'A claim of a host that the key of the name does not vouch for changes nothing that a controller knows or stores.',
  source: 'RFC 4033',
  holds: (w: RegistrationWorld, was: RegistrationWorld): boolean => w.did.denied === 0 || isUnchanged(w, was),
}

export const resolvableServices: Recoverability<RegistrationWorld> = {
  id: '49',
  name: 'resolvable-services',
  sentence:
    'Registered services become resolvable. Unregistered services, and those of dead hosts, stop being resolvable.',
  source: 'NSDI 2012, 4.2',
  when: w => !isResolved(w),
  goal: isResolved,
}

export const wrongAnswerNeverLasts: Liveness<RegistrationWorld> = {
  id: '49',
  name: 'wrong-answer-never-lasts',
  sentence:
    'No run resolves forever a service that is gone, or does not resolve forever one that is registered.',
  source: 'NSDI 2012, 4.2',
  lasts: w => !isResolved(w),
  under: {
    ...{ deliver: 'strong', answer: 'strong', timeout: 'strong', write: 'strong', see: 'weak' },
    ...{ 'lease ends': 'weak', 'lease ends early': 'finite', duplicate: 'finite' },
  },
}

export const registersPromptly: Liveness<RegistrationWorld> = {
  id: '49p',
  name: 'registers-promptly',
  sentence:
    'Without losses and timers, every controller soon resolves a service that is registered, and none resolves one that is not.',
  source: 'NSDI 2012, 4.2',
  isPrompt: true,
  lasts: w => !isResolved(w),
  under: { deliver: 'weak', answer: 'weak', write: 'weak', see: 'weak' },
}

export const registrationInvariants = invariantsOf(
  [registeredWhileBound, idempotentRegistration, evictedStaysOut, deniedClaimsChangeNothing],
  [resolvableServices],
  [wrongAnswerNeverLasts, registersPromptly],
)
