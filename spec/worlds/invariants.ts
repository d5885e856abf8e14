/** All invariants, by the kind of world that they speak of and by number. */
import { delayInvariants } from './delay/invariants.ts'
import {
  completionInvariants,
  deliveryInvariants,
  flowInvariants,
  lossInvariants,
  originInvariants,
} from './flow/invariants/index.ts'
import { flowsInvariants } from './flows/invariants.ts'
import { type Invariants, invariantsOf } from './invariant.ts'
import { joinInvariants } from './joining/invariants.ts'
import { keepingInvariants } from './keeping/invariants.ts'
import { ownPunchingInvariants } from './punching/invariants.ts'
import { registrationInvariants } from './registration/invariants.ts'
import { rendezvousInvariants } from './rendezvous/invariants.ts'
import { resolutionInvariants } from './resolution/invariants.ts'
import { seekingInvariants } from './seeking/invariants.ts'

/** One for each kind of world. */
export const kinds: readonly Invariants[] = [
  flowInvariants,
  deliveryInvariants,
  originInvariants,
  completionInvariants,
  lossInvariants,
  rendezvousInvariants,
  ownPunchingInvariants,
  seekingInvariants,
  joinInvariants,
  flowsInvariants,
  resolutionInvariants,
  delayInvariants,
  registrationInvariants,
  keepingInvariants,
]

/** Everything that some world checks. */
export const { safety, recoveries, liveness } = invariantsOf(
  kinds.flatMap(kind => kind.safety),
  kinds.flatMap(kind => kind.recoveries),
  kinds.flatMap(kind => kind.liveness),
)
