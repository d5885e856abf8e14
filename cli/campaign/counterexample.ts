import type { Trace } from '../../checker/trace/format.ts'
import { type About, recordTrace } from '../../checker/trace/record.ts'
import type { SalSetting } from '../../traces/catalogue.ts'

/** A violation as replies have it: the indexes of the rules that lead to it. */
type Violation = NonNullable<About['violation']> & { readonly rules: readonly number[] }

/**
 * Records the steps to a violation by this process's own machine. Throws if the rules cannot be taken, or if the last step
 * does not violate the invariant. Recoveries and liveness are believed: deciding them takes a search.
 */
export function recordViolation(
  setting: SalSetting,
  violation: Violation,
  about: Pick<About, 'source' | 'seed'>,
): Trace {
  const { id, kind, rules } = violation
  const trace = recordTrace(setting, rules, { ...about, violation })
  if (kind === 'invariant' && !trace.steps.at(-1)?.failed.includes(id))
    throw new Error(`its steps do not violate ${id}`)
  return trace
}
