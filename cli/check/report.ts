/** The output of `serval check` for people. */
import { at, must } from '../../checker/text/at.ts'
import { labelOf } from '../../checker/trace/property.ts'
import { safety } from '../../spec/worlds/invariants.ts'
import { worldName } from '../jobs.ts'
import { count, plural, print, printTable, printWrapped, rate, type Style, seconds } from '../screen.ts'
import { missedByAll } from './coverage.ts'
import type { Checked } from './merge.ts'

const VERDICT_STYLES: Readonly<Record<Checked['verdict'], Style>> = {
  holds: 'green',
  violated: ['bold', 'red'],
  incomplete: ['bold', 'yellow'],
}

const HEADING = [
  'MODEL',
  'STATES',
  'DEPTH',
  'TIME',
  'STATES/S',
  'B/STATE',
  'CHECKED',
  'TRANSITIONS',
  'VERDICT',
]
const VERDICT_COLUMN = HEADING.length - 1

/** Prints a row for each world. */
export function printResults(results: readonly Checked[]): void {
  const rows = results.map(result => {
    const { job, found, invariants, coverage, verdict } = result
    const { distinct, depth, bytesPerState } = found
    return [
      worldName(job),
      count(distinct),
      String(depth),
      seconds(found.seconds),
      rate(distinct / found.seconds),
      bytesPerState.toFixed(0),
      String(invariants.length),
      `${coverage.transitions}/${coverage.transitions + coverage.missed.length}`,
      verdict,
    ]
  })
  printTable([HEADING, ...rows], (column, row) =>
    column === VERDICT_COLUMN ? VERDICT_STYLES[at(results, row - 1).verdict] : undefined,
  )
}

/** Prints a sentence for each verdict other than `holds`, and for witnesses out of reach. */
export function printRemarks(results: readonly Checked[]): void {
  for (const {
    job,
    reason,
    found: { unseen },
    verdict,
  } of results) {
    const { model, defect } = job.variant
    if (reason !== undefined) printWrapped(`${worldName(job)} is incomplete: ${reason}.`)
    if (verdict !== 'holds') continue
    if (defect !== undefined) printWrapped(`No property of ${model} catches ${defect} at these bounds.`)
    if (unseen.length > 0)
      printWrapped(`${model} reaches no state with these witnesses at these bounds: ${unseen.join('; ')}.`)
  }
}

/** Prints how many transitions the models took together, and, for `all` models, the transitions that none took. */
export function printCoverage(results: readonly Checked[], all: boolean): void {
  const { total, missed } = missedByAll(
    results.map(({ setting, coverage }) => ({ system: setting.world.system, coverage })),
  )
  print(`Transitions of the machines taken: ${total - missed.length} of ${total}.`)
  if (all && missed.length > 0) printWrapped(`Taken by no model: ${missed.join(', ')}.`)
}

/** Prints the rules and invariants that no model exercised. */
export function printUntried(results: readonly Checked[]): void {
  const rules = inAll(
    results.map(({ setting, idle }) => [setting.world.spec.rules.map(({ name }) => name), idle]),
  )
  if (rules.length > 0) printWrapped(`No step took these rules: ${rules.join(', ')}.`)
  const ids = inAll(results.map(({ invariants, found }) => [invariants, found.untried]))
  if (ids.length > 0)
    printWrapped(
      `Not exercised, because the condition was never true: ${ids.map(id => labelOf(must(safety.find(one => one.id === id)))).join(', ')}.`,
    )
}

/** Returns the names that are in the second list of every pair whose first list has them. */
function inAll(lists: readonly (readonly [all: readonly string[], some: readonly string[]])[]): string[] {
  const all = new Set(lists.flatMap(([names]) => names))
  return [...all].filter(name => lists.every(([names, some]) => !names.includes(name) || some.includes(name)))
}

/** Prints the meaning of the result when everything holds. */
export function printMeaning(results: readonly Checked[]): void {
  const models = new Set(results.map(({ job }) => job.variant.model))
  const states = results.reduce((sum, { found }) => sum + found.distinct, 0)
  const ids = new Set(results.flatMap(({ invariants }) => invariants))
  printWrapped(
    `The checker visited all ${count(states)} reachable states of ${plural(models.size, 'model')}: no state, step or run violates any of ${plural(ids.size, 'property')}. This proves nothing beyond the bounds, which \`serval models\` lists.`,
  )
}
