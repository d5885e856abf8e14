/** Every property that can catch a mistake. */
import type { Violation } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import type { Statement } from '../../checker/trace/model.ts'
import { DEADLOCK, labelOf } from '../../checker/trace/property.ts'
import { recoveries, safety } from '../../spec/worlds/invariants.ts'

export interface Catcher {
  readonly kind: Violation['kind']
  /** Its number, unique within its kind. */
  readonly id: string
}

const properties: Readonly<Record<Catcher['kind'], readonly Pick<Statement, 'id' | 'name'>[]>> = {
  ...{ invariant: safety, recovery: recoveries, deadlock: [DEADLOCK] },
  // The recoveries catch the defects that liveness would, and their paths have an end.
  liveness: [],
}

export const catchers: readonly Catcher[] = (['invariant', 'recovery', 'deadlock'] as const).flatMap(kind =>
  properties[kind].map(({ id }) => ({ kind, id })),
)

/** Returns number and name, such as `14 proved-reset`. */
export const nameOf = ({ kind, id }: Catcher): string =>
  labelOf(must(properties[kind].find(property => property.id === id)))
