/** Turns a command line into a list of worlds: models with bounds and a defect. */

import type { Variant } from '../checker/trace/setting.ts'
import type { Defect } from '../properties/defects/index.ts'
import { models } from '../spec/worlds/index.ts'
import type { Bounds, Model } from '../spec/worlds/model.ts'
import { assertBounds, boundsOf, parseBounds, type Reach } from './bounds.ts'
import { findDefect, findModel } from './find.ts'

/** The options that choose worlds. */
export interface Choice {
  readonly bound?: readonly string[]
  readonly defect?: string
}

/** A world to explore or to walk through. */
export interface Job {
  readonly variant: Variant
  /**
   * Whether the model must show all its witnesses: at bounds of its own and without a defect. With others the
   * interesting may be out of reach, which is then only told.
   */
  readonly demanding: boolean
}

/**
 * Returns the jobs of the models with these names; without names, of all models, or of those that can show the defect. Throws CLI_MODEL, CLI_DEFECT and CLI_BOUND.
 */
export function jobsOf(names: readonly string[], reach: Reach, { bound = [], defect: id }: Choice): Job[] {
  const defect = id === undefined ? undefined : findDefect(id)
  const chosen = [...new Set(chosenModels(names, defect))]
  const given = parseBounds(bound)
  assertBounds(given, chosen)
  return chosen.map(model => ({
    variant: {
      model: model.name,
      bounds: boundsOf(model, reach, needsOf(model, defect), given),
      ...(defect ? { defect: defect.id } : {}),
    },
    demanding: !defect && !Object.keys(given).some(name => Object.hasOwn(model.bounds, name)),
  }))
}

/**
 * Adds the prompt world of its model, if it has one, after each job. A job with a defect or a bound `prompt` stays alone.
 */
export const withPromptWorlds = (jobs: readonly Job[], { bound = [], defect }: Choice): Job[] => {
  if (defect !== undefined || Object.hasOwn(parseBounds(bound), 'prompt')) return [...jobs]
  return jobs.flatMap(job => {
    const { prompt } = findModel(job.variant.model)
    if (prompt === undefined) return [job]
    const bounds = { ...job.variant.bounds, ...prompt }
    return [job, { ...job, variant: { ...job.variant, bounds } }]
  })
}

/** Returns the name of a job's world, such as `two-party, prompt` or `off-path + D2`. */
export const worldName = ({ variant: { model, bounds, defect } }: Job): string =>
  `${model}${bounds.prompt === 1 ? ', prompt' : ''}${defect === undefined ? '' : ` + ${defect}`}`

function chosenModels(names: readonly string[], defect: Defect | undefined): readonly Model[] {
  if (names.length > 0) return names.map(findModel)
  return defect ? defect.shownBy.map(({ model }) => findModel(model)) : models
}

/** The bounds without which a model cannot show the defect. */
const needsOf = (model: Model, defect: Defect | undefined): Bounds | undefined =>
  defect?.shownBy.find(one => one.model === model.name)?.bounds
