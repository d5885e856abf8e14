/** Models, defects and invariants by the names that people type. */
import type { Statement } from '../checker/trace/model.ts'
import { DEADLOCK } from '../checker/trace/property.ts'
import { type Defect, defects } from '../properties/defects/index.ts'
import { models } from '../spec/worlds/index.ts'
import { liveness, recoveries, safety } from '../spec/worlds/invariants.ts'
import type { Model } from '../spec/worlds/model.ts'
import { type CliCode, CliError } from './errors.ts'
import { suggestion } from './nearest.ts'

/** Everything that can be checked. */
export const properties: readonly Pick<Statement, 'id' | 'name'>[] = [
  ...safety,
  ...recoveries,
  ...liveness,
  DEADLOCK,
]

/** Throws CLI_MODEL. */
export const findModel = (name: string): Model =>
  find(
    'CLI_MODEL',
    'model',
    name,
    models.map(model => [model.name, model]),
  )

/** Throws CLI_DEFECT. */
export const findDefect = (id: string): Defect =>
  find(
    'CLI_DEFECT',
    'defect',
    id,
    defects.map(defect => [defect.id, defect]),
  )

/**
 * Returns the number of the property with this name or number. An invariant, a recovery and a liveness property may
 * share a number. Throws CLI_INVARIANT.
 */
export const findInvariant = (called: string): string =>
  find(
    'CLI_INVARIANT',
    'invariant',
    called,
    properties.flatMap(({ id, name }) => [
      [id, id],
      [name, id],
    ]),
  )

function find<T>(code: CliCode, noun: string, given: string, known: readonly (readonly [string, T])[]): T {
  const found = known.find(([name]) => name.toLowerCase() === given.toLowerCase())
  if (found) return found[1]
  const names = known.map(([name]) => name)
  throw new CliError(code, `there is no ${noun} '${given}'${suggestion(given, names)}`)
}
