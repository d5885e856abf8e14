import { at, must } from '../checker/text/at.ts'
import type { Bounds, Model } from '../spec/worlds/model.ts'
import { CliError } from './errors.ts'
import { suggestion } from './nearest.ts'
import { whole } from './options.ts'

/** Bounds by name from `k=v` texts; the last of several wins. Throws CLI_BOUND. */
export function parseBounds(texts: readonly string[]): Bounds {
  return Object.fromEntries(
    texts.map((text): [string, number] => {
      const [, name, digits] = /^([^=]+)=(.*)$/.exec(text) ?? []
      const value = whole(digits ?? '')
      if (name !== undefined && value !== undefined) return [name, value]
      throw new CliError('CLI_BOUND', `'${text}' is not a bound; write name=number, such as clientMoves=2`)
    }),
  )
}

/** Rejects names that none of `models` has, and values out of range in one that has them. Throws CLI_BOUND. */
export function assertBounds(given: Bounds, models: readonly Model[]): void {
  for (const [name, value] of Object.entries(given)) {
    const having = models.filter(({ bounds }) => Object.hasOwn(bounds, name))
    if (having.length === 0) throw unknown(name, models)
    for (const model of having) {
      const { min, max, what } = must(model.bounds[name])
      if (value >= min && value <= max) continue
      const range = `${model.name} takes ${min} to ${max}`
      throw new CliError('CLI_BOUND', `${name} (${what}) is ${value}; ${range}`)
    }
  }
}

function unknown(name: string, models: readonly Model[]): CliError {
  const names = [...new Set(models.flatMap(({ bounds }) => Object.keys(bounds)))]
  const who = models.length === 1 ? at(models, 0).name : 'none of the models'
  return new CliError(
    'CLI_BOUND',
    `${who} has${models.length === 1 ? ' no' : ' a'} bound '${name}'${suggestion(name, names)}`,
  )
}

/** The set of bounds to use by default. The worlds of `max` are too large to explore. */
export type Reach = 'default' | 'deep' | 'max'

/** Every bound of a model, with the value of its own unless one of `given` says otherwise. */
export function boundsOf(model: Model, reach: Reach, ...given: readonly (Bounds | undefined)[]): Bounds {
  return Object.fromEntries(
    Object.entries(model.bounds).map(([name, bound]) => [
      name,
      given.reduce((value, bounds) => bounds?.[name] ?? value, bound[reach]),
    ]),
  )
}
