/** The invariants of flows, by what their worlds have. */
import { invariantsOf } from '../../invariant.ts'
import * as authority from './authority.ts'
import { claimedOriginAnswers, connectsThroughRouter } from './claimed.ts'
import * as data from './data.ts'
import { everythingArrives, noByteLost } from './delivery.ts'
import * as handshake from './handshake.ts'
import * as liveness from './liveness.ts'
import { ownVersionOnly } from './lying.ts'
import * as migration from './migration.ts'
import * as negotiation from './negotiation.ts'
import * as outputs from './outputs.ts'
import * as promptness from './promptness.ts'
import * as recoverability from './recoverability.ts'
import { announcedPath } from './translation.ts'

export const flowInvariants = invariantsOf(
  [
    ...[handshake, authority, migration, data, outputs].flatMap(subject => Object.values(subject)),
    ...[negotiation.provedCapabilities, negotiation.readableData, negotiation.tokenResets],
  ],
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

/** Where a peer lies about its address. A lie may end a flow, or take its versions anywhere. */
export const completionInvariants = invariantsOf([ownVersionOnly], [])
export const lyingInvariants = invariantsOf(
  [
    ...[migration.provedAddress, ownVersionOnly, migration.newestPath],
    ...[authority.noAmplification, data.frozenFlow],
  ],
  [],
)

/** Where SYNs come through routers. */
export const originInvariants = invariantsOf([claimedOriginAnswers], [connectsThroughRouter])
export const claimedInvariants = invariantsOf(
  [...flowInvariants.safety, ...originInvariants.safety],
  [...flowInvariants.recoveries, ...originInvariants.recoveries],
  flowInvariants.liveness,
)

/** Where hosts restart and tell tokens, and where a translator may forget a client. */
export const lossInvariants = invariantsOf([], [negotiation.restartIsNoticed, announcedPath])

/** Where hosts restart and tell tokens. */
export const restartInvariants = invariantsOf(
  flowInvariants.safety,
  [...flowInvariants.recoveries, negotiation.restartIsNoticed],
  flowInvariants.liveness,
)

/** Properties that compare addresses of both ends, which a translator changes. */
const COMPARE_ENDS: ReadonlySet<string> = new Set(['6', '17', '22', '23', '24', '38'])

/** Where a translator changes addresses, and may forget a flow whose client never speaks again. */
export const translatedInvariants = invariantsOf(
  flowInvariants.safety.filter(({ id }) => !COMPARE_ENDS.has(id)),
  [...flowInvariants.recoveries.filter(({ id }) => !COMPARE_ENDS.has(id)), announcedPath],
)
