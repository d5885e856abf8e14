/** For tests: looks for a defect by random walks. */
import { fuzz } from '../../checker/fuzz/fuzz.ts'
import { walk } from '../../checker/search/walk.ts'
import { at, must } from '../../checker/text/at.ts'
import { models } from '../../spec/worlds/index.ts'
import { defects } from '../defects/index.ts'
import { salWeighting } from '../weighting.ts'

/** Returns the kind and the id of the property that is violated, and what the last state of the counterexample fails. */
export async function fuzzed(defect: string) {
  const { shownBy, replacement } = must(defects.find(({ id }) => id === defect))
  const { model: name, bounds } = at(shownBy, 0)
  const model = must(models.find(known => known.name === name))
  const defaults = Object.fromEntries(
    Object.entries(model.bounds).map(([bound, { default: value }]) => [bound, value]),
  )
  const world = model.world({ ...defaults, ...bounds }, replacement)
  const { violation } = await fuzz(world, { runs: 3000, steps: 200, seed: 1, weighting: salWeighting })
  const { kind, id, rules } = must(violation, `a violation by ${defect}`)
  const walker = walk(world.system)
  const end = rules.reduce((step, rule) => walker.take(step.state, rule), walker.look(walker.initial()))
  return { kind, id, failed: end.failed }
}
