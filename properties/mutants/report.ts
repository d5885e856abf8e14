/** Returns the text of docs/mutants.md, from the results and the reasons of the survivors. */
import { must } from '../../checker/text/at.ts'
import { type Catcher, catchers, nameOf } from '../defects/catchers.ts'
import type { Caught } from '../defects/results.ts'
import type { Notice } from './judge.ts'
import type { Result } from './results.ts'
import { reasonOf, survivors } from './survivors.ts'

const calledBy = ({ kind, id }: Notice): string =>
  kind === 'witness' ? `missed witness: ${id}` : kind === 'overflow' ? id : nameOf({ kind, id })

const noticed = (by: Notice): string => (by.steps === null ? calledBy(by) : `${calledBy(by)} (${by.steps})`)

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')

/** The evidence that a property can fail: the defects that violate it, and the mutants that it catches first. */
export interface Shown {
  readonly catcher: Catcher
  readonly defects: readonly string[]
  readonly mutants: readonly string[]
}

export const shownBy = (results: readonly Result[], caught: readonly Caught[]): Shown[] =>
  catchers.map(catcher => {
    const isIt = (by: Catcher | Notice | undefined) => by?.kind === catcher.kind && by.id === catcher.id
    const found = caught.filter(({ by }) => by.some(isIt)).map(({ defect }) => defect)
    const mutants = results.filter(({ by }) => isIt(by)).map(({ mutant }) => mutant)
    return { catcher, defects: [...new Set(found)], mutants }
  })

const list = (names: readonly string[]): string => names.map(name => `- \`${name}\``).join('\n')

export function reportOf(results: readonly Result[], caught: readonly Caught[]): string {
  const killed = results.filter(({ by }) => by !== undefined)
  const left = results.filter(({ by }) => by === undefined)
  const open = left.map(({ mutant }) => mutant).filter(name => reasonOf(name) === undefined)
  const others = killed.filter(({ by }) => must(by).kind === 'witness' || must(by).kind === 'overflow')
  return `# Mutants, and the properties that catch them

A mutant is a machine with one transition removed, or with one guard or a part of it forced to true or false. Each
mutant is explored in small worlds until a property is violated or a witness is missed. Of ${results.length} mutants,
${killed.length} are caught and ${left.length} survive.

\`node properties/mutants/run.ts\` generates this page.

## Every property can fail

For each property, the table lists the [defects](defects.md) that violate it and counts the mutants that it catches
first. A trial ends at the first catch, so other properties may catch the same mutant. Missed witnesses and overflows catch
the other ${others.length}.

${table(
  ['property', 'defects', 'mutants', 'for example'],
  shownBy(results, caught).map(({ catcher, defects, mutants }) => [
    nameOf(catcher),
    defects.join(', '),
    mutants.length,
    mutants.length > 0 ? `\`${mutants[0]}\`` : '',
  ]),
)}

## Why these mutants survive

${survivors.map(({ reason, mutants }) => `${reason}\n\n${list(mutants)}`).join('\n\n')}
${open.length > 0 ? `\n## Survivors without a reason\n\n${list(open)}\n` : ''}
## Caught

${table(
  ['mutant', 'world', 'caught by (steps)'],
  killed.map(({ mutant, trial, by }) => [mutant, must(trial), noticed(must(by))]),
)}
`
}
