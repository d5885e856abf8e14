/** The invariants of flows, by what their worlds have. */
import { invariantsOf } from '../../invariant.ts'
import * as authority from './authority.ts'
import { claimedOriginAnswers, connectsThroughRouter } from './claimed.ts'
import * as data from './data.ts'
import { everythingArrives, noByteLost } from './delivery.ts'
import * as handshake from './handshake.ts'
import * as liveness from './liveness.ts'
import * as migration from './migration.ts'
import * as negotiation from './negotiation.ts'
import * as promptness from './promptness.ts'
import * as recoverability from './recoverability.ts'

export const flowInvariants = invariantsOf(
  [handshake, authority, migration, data, negotiation].flatMap(subject => Object.values(subject)),
  Object.values(recoverability),
  [liveness, promptness].flatMap(subject => Object.values(subject)),
)

/** Where transports deliver everything before they close. */
export const deliveryInvariants = invariantsOf([noByteLost], [everythingArrives])
export const halfClosedInvariants = invariantsOf(
  [...flowInvariants.safety, ...deliveryInvariants.safety],
  [...flowInvariants.recoveries, ...deliveryInvariants.recoveries],
  flowInvariants.liveness,
)

/** Where SYNs come through routers. */
export const originInvariants = invariantsOf([claimedOriginAnswers], [connectsThroughRouter])
export const claimedInvariants = invariantsOf(
  [...flowInvariants.safety, ...originInvariants.safety],
  [...flowInvariants.recoveries, ...originInvariants.recoveries],
  flowInvariants.liveness,
)
