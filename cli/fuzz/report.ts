/** The output of `serval fuzz`: rows for people, values for programs. */
import { at } from '../../checker/text/at.ts'
import { violationOf } from '../counterexample.ts'
import { worldName } from '../jobs.ts'
import { count, printTable, rate, type Style, seconds } from '../screen.ts'
import type { Fuzzed } from './merge.ts'

const VERDICT_STYLES: Readonly<Record<Fuzzed['verdict'], Style>> = {
  holds: 'green',
  violated: ['bold', 'red'],
  incomplete: ['bold', 'yellow'],
}

const HEADING = ['MODEL', 'WALKS', 'STEPS', 'TIME', 'STEPS/S', 'STATES', 'TRANSITIONS', 'VERDICT']
const VERDICT_COLUMN = HEADING.length - 1

/** Prints a row for each world. */
export function printResults(results: readonly Fuzzed[]): void {
  const rows = results.map(({ job, runs, steps, coverage, verdict, ...rest }) => [
    worldName(job),
    count(runs),
    count(steps),
    seconds(rest.seconds),
    rate(steps / rest.seconds),
    `${coverage.states}/${coverage.allStates}`,
    `${coverage.transitions}/${coverage.allTransitions}`,
    verdict,
  ])
  printTable([HEADING, ...rows], (column, row) =>
    column === VERDICT_COLUMN ? VERDICT_STYLES[at(results, row - 1).verdict] : undefined,
  )
}

/** One model of `serval fuzz --json`. `paths` are those of the counterexamples' files. */
export function jsonOf(result: Fuzzed, paths: readonly string[]): Record<string, unknown> {
  const { job, setting, seed, verdict, reason, runs, steps, seconds, undecided, coverage } = result
  const { states, transitions, missed } = coverage
  const [violation, ...others] = result.findings.map(({ trace, unshrunk }, index) => ({
    ...violationOf(trace, setting.model),
    ...{ unshrunk, trace: paths[index] },
  }))
  return {
    ...job.variant,
    ...{ seed, verdict, ...(reason !== undefined && { reason }) },
    ...{ runs, steps, seconds, undecided, coverage: { states, transitions, missed } },
    ...(violation && { violation }),
    ...(others.length > 0 && { others }),
  }
}
