/** All invariants, by the kind of world that they speak of and by number, and the names that their predicates use. */

import * as delay from './delay/invariants.ts'
import * as authority from './flow/invariants/authority.ts'
import { connectsThroughRouter, onlyAnswers } from './flow/invariants/claimed.ts'
import * as data from './flow/invariants/data.ts'
import { everythingArrives, noByteLost } from './flow/invariants/delivery.ts'
import * as handshake from './flow/invariants/handshake.ts'
import * as migration from './flow/invariants/migration.ts'
import * as recoverability from './flow/invariants/recoverability.ts'
import * as terms from './flow/terms.ts'
import type { Invariants, Recoverability, Safety } from './invariant.ts'
import { boundRule, idempotent, resolvable } from './registration/invariants.ts'
import {
  announcementsAnswered,
  bindingsMoveForward,
  foundAgain,
  foundWhileClosing,
} from './rendezvous/invariants.ts'
import { agrees, longestPrefix, mayLead, noLoop } from './resolution/invariants.ts'

export type { Invariants, Recoverability, Safety }

const byNumber = (a: { id: string }, b: { id: string }): number =>
  Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10)

/** By name: loaders differ in the order in which a module has its exports, and letters depend on it. */
const exportsOf = <One>(module: Readonly<Record<string, One>>): One[] =>
  Object.keys(module)
    .sort()
    .map(name => module[name] as NonNullable<One>)

const LETTERS = 'abcdefgh'

/** By number; of several predicates of one number, the second is `5b`, the third `5c`. */
const named = <One extends { readonly id: string }>(list: readonly One[]): One[] =>
  [...list].sort(byNumber).map((one, index, all) => {
    const before = all.slice(0, index).filter(({ id }) => id === one.id).length
    return before === 0 ? one : { ...one, id: one.id + LETTERS[before] }
  })

const sorted = (
  safety: readonly Safety<never>[],
  recoveries: readonly Recoverability<never>[],
): Invariants => ({
  safety: named(safety),
  recoveries: named(recoveries),
})

export const flowInvariants = sorted(
  [
    ...exportsOf<Safety<never>>(handshake),
    ...exportsOf<Safety<never>>(authority),
    ...exportsOf<Safety<never>>(migration),
    ...exportsOf<Safety<never>>(data),
  ],
  exportsOf<Recoverability<never>>(recoverability),
)

/** Those of flows whose transports deliver everything before they close. */
export const halfClosedInvariants = sorted(
  [...flowInvariants.safety, noByteLost],
  [...flowInvariants.recoveries, everythingArrives],
)

/** Those of flows whose SYNs come through routers. */
export const claimedInvariants = sorted(
  [...flowInvariants.safety, onlyAnswers],
  [...flowInvariants.recoveries, connectsThroughRouter],
)

export const registrationInvariants = sorted([boundRule, idempotent], [resolvable])

const ofRendezvous = [bindingsMoveForward, announcementsAnswered]

/** Those of a rendezvous; those of the flows that it helps hold too, but for what needs an address that works. */
export const rendezvousInvariants = sorted(ofRendezvous, [foundAgain, foundWhileClosing])
export const joined = sorted([...flowInvariants.safety, ...ofRendezvous], [foundAgain, foundWhileClosing])

export const delayInvariants = sorted(
  [delay.onceInTheQueue, delay.noSecondDelay, delay.endOfWaiting],
  [delay.verdicts],
)

export const resolutionInvariants = sorted([longestPrefix, noLoop], [])

/** One for each kind of world. */
export const kinds: readonly Invariants[] = [
  flowInvariants,
  sorted([noByteLost], [everythingArrives]),
  sorted([onlyAnswers], [connectsThroughRouter]),
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
