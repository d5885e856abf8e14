/** Models, defects and invariants by the names that people type. */
import { type Defect, defects } from '../properties/defects/index.ts'
import { models } from '../spec/worlds/index.ts'
import { recoveries, safety } from '../spec/worlds/invariants.ts'
import type { Model } from '../spec/worlds/model.ts'
import { type CliCode, CliError } from './errors.ts'
import { suggestion } from './nearest.ts'

/** What the checker calls a state without a successor that is not final. */
const DEADLOCK = 'deadlock'

/** Ids of all that can be checked. */
export const invariantIds: readonly string[] = [
  ...new Set([...safety, ...recoveries].map(({ id }) => id).sort((a, b) => Number(a) - Number(b))),
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

/** The id as the checker knows it. Throws CLI_INVARIANT. */
export const findInvariant = (id: string): string =>
  find(
    'CLI_INVARIANT',
    'invariant',
    id,
    invariantIds.map(known => [known, known]),
  )

function find<T>(code: CliCode, noun: string, given: string, known: readonly (readonly [string, T])[]): T {
  const found = known.find(([name]) => name.toLowerCase() === given.toLowerCase())
  if (found) return found[1]
  const names = known.map(([name]) => name)
  throw new CliError(code, `there is no ${noun} '${given}'${suggestion(given, names)}`)
}
