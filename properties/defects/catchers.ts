/** Every property that can catch a mistake. */
import type { System } from '../../checker/ir/ir.ts'
import type { Violation } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import type { Statement } from '../../checker/trace/model.ts'
import { DEADLOCK, labelOf } from '../../checker/trace/property.ts'
import { liveness, recoveries, safety } from '../../spec/worlds/invariants.ts'

export interface Catcher {
  readonly kind: Violation['kind']
  /** Its number, unique within its kind. */
  readonly id: string
}

const properties: Readonly<Record<Catcher['kind'], readonly Pick<Statement, 'id' | 'name'>[]>> = {
  ...{ invariant: safety, recovery: recoveries, liveness, deadlock: [DEADLOCK] },
}

/** Returns the system with the properties that catch mistakes. Liveness would multiply the time of a run. */
export const caughtBy = (system: System): System => ({ ...system, liveness: [] })

export const catchers: readonly Catcher[] = (['invariant', 'recovery', 'deadlock'] as const).flatMap(kind =>
  properties[kind].map(({ id }) => ({ kind, id })),
)

/** Returns number and name, such as `14 proved-reset`. */
export const nameOf = ({ kind, id }: Catcher): string =>
  labelOf(must(properties[kind].find(property => property.id === id)))
