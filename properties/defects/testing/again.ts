/** For tests: searches again for the counterexamples that results.json records. */
import { explore } from '../../../checker/search/explore.ts'
import { must } from '../../../checker/text/at.ts'
import { defects } from '../index.ts'
import { brokenWorld, type Caught, readCaught } from '../results.ts'

/** Defects that an invariant catches soon. */
export const quick = readCaught().filter(
  ({ by: [first] }) => must(first).kind === 'invariant' && must(first).steps <= 6,
)

export const nameOf = ({ defect, model }: Caught): string => `${defect} in ${model}`

/** The invariant that catches the defect first, and the length of its shortest counterexample. */
type First = readonly (readonly [id: string, steps: number])[]

export const recordedOf = ({ by: [first] }: Caught): First => [[must(first).id, must(first).steps]]

/** Searches for the same in the world that shows the defect. */
export async function foundAgain({ defect: id, model, by: [first] }: Caught): Promise<First> {
  const defect = must(defects.find(one => one.id === id))
  const shown = must(defect.shownBy.find(one => one.model === model))
  const { violations } = await explore(brokenWorld(defect, shown), {
    invariants: [must(first).id],
    stop: 'first',
  })
  return violations.map(one => [one.id, one.rules.length])
}
