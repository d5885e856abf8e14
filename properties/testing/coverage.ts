/** For tests: how much of a model's machines a few walks take. */
import { fuzz } from '../../checker/fuzz/fuzz.ts'
import { must } from '../../checker/text/at.ts'
import { models } from '../../spec/worlds/index.ts'
import { salWeighting } from '../weighting.ts'

/** Returns the share of transitions that a few walks through a model take. */
export async function shareTaken(name: string): Promise<number> {
  const model = must(models.find(each => each.name === name))
  const bounds = Object.entries(model.bounds).map(([bound, { default: usual }]) => [bound, usual])
  const { coverage } = await fuzz(model.world(Object.fromEntries(bounds)), {
    ...{ runs: 25, steps: 100, seed: 1 },
    weighting: salWeighting,
  })
  const taken = Object.values(coverage.transitions).filter(count => count > 0).length
  return taken / Object.keys(coverage.transitions).length
}

/** The world of prototype-server leaves out moves and closing, that of make-before-break closing. */
export const leastShare = (name: string): number =>
  ['prototype-server', 'make-before-break'].includes(name) ? 0.1 : 0.15
