/** Everything that can catch a mistake, each under a name of its own: some recoveries share a number. */

import type { System } from '../../checker/ir/ir.ts'
import type { Violation } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import { kinds } from '../../spec/worlds/invariants.ts'

export interface Catcher {
  readonly kind: Violation['kind']
  /** The number, with a letter behind it for the second recovery of one number. */
  readonly id: string
}

const lettered = (ids: readonly string[]): string[] =>
  ids.map((id, at) => {
    const earlier = ids.slice(0, at).filter(other => other === id).length
    return earlier === 0 ? id : `${id}${String.fromCharCode('a'.charCodeAt(0) + earlier)}`
  })

/** Each once, by number: worlds of several kinds may have invariants of one number. */
const numbered = (kind: Catcher['kind'], ids: readonly string[]): Catcher[] =>
  [...new Set(ids)].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).map(id => ({ kind, id }))

export const catchers: readonly Catcher[] = [
  ...numbered(
    'invariant',
    kinds.flatMap(({ safety }) => safety.map(({ id }) => id)),
  ),
  ...numbered(
    'recovery',
    kinds.flatMap(({ recoveries }) => lettered(recoveries.map(({ id }) => id))),
  ),
  { kind: 'deadlock', id: 'deadlock' },
]

/** The system with every recovery under its own name. */
export const named = (system: System): System => {
  const names = lettered(system.recoveries.map(({ id }) => id))
  return {
    ...system,
    recoveries: system.recoveries.map((recovery, i) => ({ ...recovery, id: must(names[i]) })),
  }
}

/** `14`, `23 L` for a recovery: a safety invariant may have the same number. */
export const nameOf = ({ kind, id }: Catcher): string => (kind === 'recovery' ? `${id} L` : id)
