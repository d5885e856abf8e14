import type { Fairness } from '../ir/ir.ts'
import { LowerError } from './errors.ts'

type Assumptions = Readonly<Record<string, Fairness>>

/**
 * Returns the assumptions of the liveness property `id` that are about possible rules: bounds may leave a family
 * without any. Throws LOWER_NAME for a family that the world does not have.
 */
export function possibleOf(
  id: string,
  under: Assumptions,
  families: readonly string[],
  possible: ReadonlySet<string>,
): Assumptions {
  const unknown = Object.keys(under).find(family => !families.includes(family))
  if (unknown !== undefined)
    throw new LowerError(
      'LOWER_NAME',
      `liveness ${id}`,
      `it assumes something of '${unknown}', which no rule is called; there are ${families.join(', ')}`,
    )
  return Object.fromEntries(Object.entries(under).filter(([family]) => possible.has(family)))
}
