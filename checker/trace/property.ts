/** The properties of a model by number: invariants, recoveries, and that no state is stuck. */
import type { Trace } from './format.ts'
import type { Statement, TracedModel } from './model.ts'

/** What the checker calls a state without a successor that is not final. */
export const DEADLOCK: Statement = {
  id: 'deadlock',
  name: 'deadlock',
  sentence: 'A state that is not final always has a successor.',
}

/** Returns number and name, such as `12 off-path-injection`. */
export const labelOf = ({ id, name }: Pick<Statement, 'id' | 'name'>): string =>
  id === name ? id : `${id} ${name}`

/** Returns the property that a violation of this kind names. A property that the model lacks has its number as its name. */
export function propertyOf(
  { invariants }: TracedModel,
  id: string,
  kind: NonNullable<Trace['kind']>,
): Statement {
  if (kind === 'deadlock' || id === DEADLOCK.id) return DEADLOCK
  const list = {
    invariant: invariants.safety,
    recovery: invariants.recoveries,
    liveness: invariants.liveness,
  }[kind]
  return list.find(known => known.id === id) ?? { id, name: id, sentence: `${kind} ${id}` }
}
