/** All invariants, by the kind of world that they speak of and by number, and the names that their predicates use. */
import * as authority from './authority.ts'
import * as data from './data.ts'
import * as delay from './delay.ts'
import * as handshake from './handshake.ts'
import type { Invariants, Recoverability, Safety } from './invariant.ts'
import * as migration from './migration.ts'
import * as recoverability from './recoverability.ts'
import { boundRule, idempotent, resolvable } from './registration.ts'
import { announcementsAnswered, bindingsMoveForward, foundAgain } from './rendezvous.ts'
import { agrees, longestPrefix, mayLead, noLoop } from './resolution.ts'
import * as terms from './terms.ts'

export type { Invariants, Recoverability, Safety }

/** A number that has more than one predicate tells them apart by letters: `5`, `5b`. */
const byNumber = (a: { id: string }, b: { id: string }): number =>
  Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10)

const sorted = (
  safety: readonly Safety<never>[],
  recoveries: readonly Recoverability<never>[],
): Invariants => ({
  safety: [...safety].sort(byNumber),
  recoveries: [...recoveries].sort(byNumber),
})

export const flowInvariants = sorted(
  [
    ...Object.values(handshake),
    ...Object.values(authority),
    ...Object.values(migration),
    ...Object.values(data),
  ],
  Object.values(recoverability),
)

export const registrationInvariants = sorted([boundRule, idempotent], [resolvable])

const ofRendezvous = [bindingsMoveForward, announcementsAnswered]

/** Those of a rendezvous; those of the flows that it helps hold too, but for what needs an address that works. */
export const rendezvousInvariants = sorted(ofRendezvous, [foundAgain])
export const joined = sorted([...flowInvariants.safety, ...ofRendezvous], [foundAgain])

export const delayInvariants = sorted(
  [delay.onceInTheQueue, delay.noSecondDelay, delay.endOfWaiting],
  [delay.verdicts],
)

export const resolutionInvariants = sorted([longestPrefix, noLoop], [])

/** One for each kind of world. */
export const kinds: readonly Invariants[] = [
  flowInvariants,
  rendezvousInvariants,
  resolutionInvariants,
  delayInvariants,
  registrationInvariants,
]

/** What is checked in any world. */
export const { safety, recoveries } = sorted(
  kinds.flatMap(kind => kind.safety),
  kinds.flatMap(kind => kind.recoveries),
)

export const invariantScope = terms
export { agrees, mayLead }
