import { next, notBefore } from '../../flow/serial.ts'
import { boundRule, idempotent, registrationTerms, resolvable } from '../../invariants/registration.ts'
import { lowerWorld } from '../../lower/world.ts'
import { registrant, registrar } from '../../registration/lowered.ts'
import type { Replacement } from '../model.ts'
import * as network from '../network.ts'
import { registrationRules, registrationScope } from './rules.ts'
import * as shape from './shape.ts'
import { REGISTRATION_DID, type RegistrationBounds, registrationShape } from './shape.ts'
import * as stage from './stage.ts'

export const lowerRegistration = (b: RegistrationBounds, replacement: Replacement = {}) =>
  lowerWorld({
    name: 'registration',
    shape: registrationShape(b) as never,
    did: REGISTRATION_DID,
    machines: { registrant, registrar, ...replacement.machines },
    effects: stage.registrationEffects as never,
    scope: {
      next,
      notBefore,
      ...network,
      ...shape,
      ...stage,
      ...registrationScope,
      ...registrationTerms,
      ...replacement.scope,
    },
    rules: registrationRules(b) as never,
    invariants: [boundRule, idempotent] as never,
    recoveries: [resolvable] as never,
    witnesses: [] as never,
    final: (() => true) as never,
  })
