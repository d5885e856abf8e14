/** All invariants, by the kind of world that they speak of and by number, and the names that their predicates use. */
import * as authority from './authority.ts'
import * as data from './data.ts'
import * as handshake from './handshake.ts'
import type { Invariants, Recoverability, Safety } from './invariant.ts'
import * as migration from './migration.ts'
import * as recoverability from './recoverability.ts'
import { boundRule, idempotent, resolvable } from './registration.ts'
import * as terms from './terms.ts'

export type { Invariants, Recoverability, Safety }

const byNumber = (a: { id: string }, b: { id: string }): number => Number(a.id) - Number(b.id)

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

/** One for each kind of world. */
export const kinds: readonly Invariants[] = [flowInvariants, registrationInvariants]

/** What is checked in any world. */
export const { safety, recoveries } = sorted(
  kinds.flatMap(kind => kind.safety),
  kinds.flatMap(kind => kind.recoveries),
)

export const invariantScope = terms
