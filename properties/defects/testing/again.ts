/** For tests: searches again for the counterexamples that results.json records. */
import { explore } from '../../../checker/search/explore.ts'
import { must } from '../../../checker/text/at.ts'
import { type Caught, readCaught } from '../results.ts'
import { worldShowing } from '../showing.ts'

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
  const { violations } = await explore(worldShowing(id, model), {
    invariants: [must(first).id],
    stop: 'first',
  })
  return violations.map(one => [one.id, one.rules.length])
}
