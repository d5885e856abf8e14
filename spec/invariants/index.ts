/** All invariants, by number, and the names that their predicates use. */
import * as authority from './authority.ts'
import * as data from './data.ts'
import * as handshake from './handshake.ts'
import type { Recoverability, Safety } from './invariant.ts'
import * as migration from './migration.ts'
import * as recoverability from './recoverability.ts'
import * as terms from './terms.ts'

export type { Recoverability, Safety }

const byNumber = (a: { id: string }, b: { id: string }): number => Number(a.id) - Number(b.id)

export const safety: readonly Safety[] = [
  ...Object.values(handshake),
  ...Object.values(authority),
  ...Object.values(migration),
  ...Object.values(data),
].sort(byNumber)

export const recoveries: readonly Recoverability[] = Object.values(recoverability).sort(byNumber)

export const invariantScope = terms
