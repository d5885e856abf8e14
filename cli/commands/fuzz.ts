import { randomInt } from 'node:crypto'
import { must } from '../../checker/text/at.ts'
import { MOST_SEED } from '../../properties/simulator/limits.ts'
import { printCounterexample, writeTraces } from '../counterexample.ts'
import { type Define, EXITS } from '../define.ts'
import { EXIT } from '../exit.ts'
import { type Effort, type Fuzzed, fuzzJob } from '../fuzz/fuzzJob.ts'
import { jsonOf, printResults } from '../fuzz/report.ts'
import { interruptible } from '../interrupt.ts'
import { type Choice, type Job, jobsOf } from '../jobs.ts'
import { json, wholeOption } from '../options.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, plural, print, printJson, printWrapped, seconds } from '../screen.ts'

export interface FuzzOptions extends Choice {
  readonly runs?: number
  readonly steps?: number
  readonly seed?: number
  readonly json?: boolean
}

/** They take a few seconds for each model. */
const DEFAULT_RUNS = 500

/** Several times the depth of the explored worlds. */
const DEFAULT_STEPS = 300

/** Seeds are integers of 32 bits; these are easy to type. */
const MAX_SEED = 2 ** 31 - 1

/** Longer walks cost more memory than they are worth. */
const MAX_STEPS = 100_000

export const define: Define = (command, done) => {
  command
    .description(
      'Takes random walks through models at bounds too wide to explore, until one violates a property. It shrinks the counterexample and writes it to a trace file.',
    )
    .argument('[model...]', 'names of models (default: all, or those that show the defect)')
    .option('--runs <n>', 'walks for each model (default: 500)', wholeOption('--runs', 1))
    .option('--steps <n>', 'maximum steps of a walk (default: 300)', wholeOption('--steps', 1, MAX_STEPS))
    .option(
      '--seed <s>',
      'repeat the walks of this seed (default: random)',
      wholeOption('--seed', 0, MOST_SEED),
    )
    .option('--defect <id>', 'put a known defect back (`serval defects` lists them)')
    .addOption(json())
    .addHelpText('after', EXITS)
    .action(async (names: string[], options: FuzzOptions) => {
      done(await fuzzModels(names, options))
    })
}

/** `serval fuzz`: random walks through worlds too wide to explore. */
export async function fuzzModels(names: readonly string[], options: FuzzOptions): Promise<number> {
  const jobs = jobsOf(names, 'max', options)
  const { runs = DEFAULT_RUNS, steps = DEFAULT_STEPS, seed = randomInt(MAX_SEED) } = options
  return interruptible(async signal => {
    const results = await fuzzAll(jobs, { runs, steps, seed, signal })
    const paths = writeTraces(
      results.map(({ trace }) => trace),
      undefined,
    )
    if (options.json) printJson(results.map((result, index) => jsonOf(result, seed, paths[index])))
    else printReport(results, paths, seed)
    if (signal.aborted) return EXIT.INTERRUPTED
    return results.every(({ verdict }) => verdict === 'holds') ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

async function fuzzAll(jobs: readonly Job[], effort: Effort): Promise<Fuzzed[]> {
  const line = new ProgressLine(() => performance.now())
  const results: Fuzzed[] = []
  for (const job of jobs) {
    if (effort.signal.aborted) break
    const { model } = job.variant
    const result = await fuzzJob(job, effort, walked =>
      line.show(`${model}: ${count(walked.runs)} walks, ${count(walked.steps)} steps`),
    )
    const { runs } = result.fuzzing
    line.say(`${model}: ${result.verdict}, ${plural(runs, 'walk')} in ${seconds(result.seconds)}`)
    results.push(result)
  }
  return results
}

function printReport(results: readonly Fuzzed[], paths: readonly (string | undefined)[], seed: number): void {
  results.forEach(({ trace, setting }, index) => {
    if (trace) printCounterexample(trace, setting, must(paths[index]))
  })
  printResults(results)
  print()
  printWrapped(`Seed ${seed}: --seed ${seed} takes the same walks again.`)
  const undecided = results.reduce((sum, { fuzzing }) => sum + fuzzing.undecided, 0)
  if (undecided > 0)
    printWrapped(
      `${plural(undecided, 'suspicion')} of a goal out of reach could be neither proved nor refuted.`,
    )
  if (results.every(({ verdict }) => verdict === 'holds'))
    printWrapped(
      'No walk violated a property. That proves nothing; `serval check` explores every state within bounds.',
    )
}
