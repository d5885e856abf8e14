/** The output of `serval fuzz`: rows for people, values for programs. */
import { at } from '../../checker/text/at.ts'
import { violationOf } from '../counterexample.ts'
import { count, printTable, rate, type Style, seconds } from '../screen.ts'
import type { Fuzzed } from './fuzzJob.ts'

const VERDICT_STYLES: Readonly<Record<Fuzzed['verdict'], Style>> = {
  holds: 'green',
  violated: ['bold', 'red'],
  incomplete: ['bold', 'yellow'],
}

const HEADING = ['MODEL', 'WALKS', 'STEPS', 'TIME', 'STEPS/S', 'STATES', 'TRANSITIONS', 'VERDICT']
const VERDICT_COLUMN = HEADING.length - 1

/** Prints a row for each world. */
export function printResults(results: readonly Fuzzed[]): void {
  const rows = results.map(({ job, fuzzing, coverage, verdict, ...rest }) => {
    const { model, defect } = job.variant
    return [
      defect === undefined ? model : `${model} + ${defect}`,
      count(fuzzing.runs),
      count(fuzzing.steps),
      seconds(rest.seconds),
      rate(fuzzing.steps / rest.seconds),
      `${coverage.states}/${Object.keys(fuzzing.coverage.states).length}`,
      `${coverage.transitions}/${Object.keys(fuzzing.coverage.transitions).length}`,
      verdict,
    ]
  })
  printTable([HEADING, ...rows], (column, row) =>
    column === VERDICT_COLUMN ? VERDICT_STYLES[at(results, row - 1).verdict] : undefined,
  )
}

/** One model of `serval fuzz --json`. `path` is that of the counterexample's file. */
export function jsonOf(result: Fuzzed, seed: number, path: string | undefined): Record<string, unknown> {
  const { job, setting, verdict, seconds, coverage, trace } = result
  const { runs, steps, undecided, violation } = result.fuzzing
  return {
    ...job.variant,
    ...{ seed, verdict, runs, steps, seconds, undecided, coverage },
    ...(trace && violation
      ? {
          violation: {
            ...violationOf(trace, setting.model),
            unshrunk: violation.unshrunk,
            trace: path,
          },
        }
      : {}),
  }
}
