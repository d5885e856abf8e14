/** Returns the text of docs/mutants.md, from the results and the reasons of the survivors. */
import { must } from '../../checker/text/at.ts'
import { type Catcher, catchers, nameOf } from '../defects/catchers.ts'
import type { Caught } from '../defects/results.ts'
import type { Notice } from './judge.ts'
import type { Result } from './results.ts'
import { reasonOf } from './survivors.ts'

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

/** Nobody has looked at these yet, so the page shows only their kinds. */
const openTable = (open: readonly string[]): string =>
  `Nobody has looked at these ${open.length} yet.\n\n${table(
    ['change', 'survivors', 'for example'],
    grouped(open, changeOf).map(([change, names]) => [`\`${change}\``, names.length, `\`${names[0]}\``]),
  )}`

const list = (names: readonly string[]): string => names.map(name => `- \`${name}\``).join('\n')

/** Returns the change that a mutant makes, without its place in the machine. */
const changeOf = (mutant: string): string => mutant.replace(/^.*: /, '')

/** Groups survivors, the largest group first. */
function grouped(names: readonly string[], groupOf: (name: string) => string): [string, string[]][] {
  const groups = new Map<string, string[]>()
  for (const name of names) groups.set(groupOf(name), [...(groups.get(groupOf(name)) ?? []), name])
  return [...groups].sort(([, some], [, others]) => others.length - some.length)
}

/** Returns the page. `all` is the number of mutants, of which some may have no result yet. */
export function reportOf(results: readonly Result[], caught: readonly Caught[], all: number): string {
  const killed = results.filter(({ by }) => by !== undefined)
  const left = results.filter(({ by }) => by === undefined)
  const names = left.map(({ mutant }) => mutant)
  const open = names.filter(name => reasonOf(name) === undefined)
  const explained = names.filter(name => reasonOf(name) !== undefined)
  const waiting = all - results.length
  const others = killed.filter(({ by }) => ['witness', 'overflow', 'liveness'].includes(must(by).kind))
  return `# Mutants, and the properties that catch them

A mutant is a machine with one change: a transition removed, a guard or a part of it forced to true or false, an action
removed, doubled or replaced by its neighbour, a target, a field of a packet or an assigned value replaced. Each mutant is
explored in small worlds until a property is violated or a witness is missed. Of ${results.length} mutants, ${killed.length} are
caught and ${left.length} survive.${waiting > 0 ? ` ${waiting} more wait for a run.` : ''} \`properties/mutants/results.json\` says which world and property catch each.

\`node properties/mutants/run.ts\` generates this page.

## Every property can fail

For each property, the table lists the [defects](defects.md) that violate it and counts the mutants that it catches
first. A trial ends at the first catch, so other properties may catch the same mutant. Missed witnesses, overflows and prompt
properties catch the other ${others.length}.

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

${grouped(explained, name => must(reasonOf(name)))
  .map(([reason, mutants]) => `${reason}\n\n${list(mutants)}`)
  .join('\n\n')}
${open.length > 0 ? `\n## Survivors without a reason\n\n${openTable(open)}\n` : ''}`
}
