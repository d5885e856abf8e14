/** Returns the text of docs/vacuity.md, from the results and the reasons. */
import { groupBy } from '../../checker/text/groupBy.ts'
import { nameOf } from '../defects/catchers.ts'
import { reasonOf } from './reasons.ts'
import type { Result } from './results.ts'

export const idOf = (variant: string): string => variant.replace(/:.*/, '')

const list = (results: readonly Result[]): string =>
  results.map(({ variant }) => `- \`${variant}\``).join('\n')

const ofStrength = (results: readonly Result[], is: Result['is']): Result[] =>
  results.filter(result => result.is === is)

const section = (title: string, text: string, results: readonly Result[]): string =>
  results.length === 0 ? '' : `\n## ${title}\n\n${text}\n\n${list(results)}\n`

/** Returns the page. */
export function reportOf(results: readonly Result[]): string {
  const left = results.filter(({ by }) => by === undefined)
  const explained = left.filter(({ variant }) => reasonOf(variant) !== undefined)
  const open = left.filter(({ variant }) => reasonOf(variant) === undefined)
  const rows = [...groupBy(results, ({ variant }) => idOf(variant))].map(([id, of]) => {
    const its = open.filter(({ variant }) => idOf(variant) === id)
    const counts = (['stronger', 'weaker', 'either'] as const).map(is => ofStrength(its, is).length)
    return `| ${[nameOf({ kind: 'invariant', id }), of.length, ...counts].join(' | ')} |`
  })
  return `# Conditions of invariants, and the worlds that need them

After reading this page you know which conditions of the invariants are tested, and which are not.

An invariant is made of conditions. A variant of it has one condition forced to true or to false, at both ends. A *stronger*
variant holds less often than the invariant. A world notices it if it is false where the machines are right: then something happens
that the condition excuses. A *weaker* variant holds more often. A world with a [defect](defects.md) or a [mutant](mutants.md)
notices it if it holds there while the invariant is false: then the condition catches something. Some variants are neither.

Of ${results.length} variants, ${results.length - left.length} are noticed, ${explained.length} have a reason, and ${open.length} are open.
\`npm run vacuity\` generates this page from small worlds. \`properties/vacuity/results.json\` says which world notices each variant.

| invariant | variants | open, stronger | open, weaker | open, neither |
|---|---|---|---|---|
${rows.join('\n')}
${[...groupBy(explained, ({ variant }) => reasonOf(variant) ?? '')]
  .map(([reason, of]) => section('Explained', reason, of))
  .join('')}${section(
  'Excuses that no small world uses',
  'Wider bounds may use them. Otherwise the invariant can be shorter.',
  ofStrength(open, 'stronger'),
)}${section(
  'Checks that no mistake fails',
  'No defect and no tried mutant is caught by these conditions alone.',
  ofStrength(open, 'weaker'),
)}${section('Neither', 'The condition stands both with and without a negation.', ofStrength(open, 'either'))}`
}
