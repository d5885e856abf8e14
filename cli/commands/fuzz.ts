import { randomInt } from 'node:crypto'
import { printCounterexample, writeTraces } from '../counterexample.ts'
import { EXIT } from '../exit.ts'
import { type Effort, type Fuzzed, fuzzJob } from '../fuzz/fuzzJob.ts'
import { jsonOf, printResults } from '../fuzz/report.ts'
import { interruptible } from '../interrupt.ts'
import { type Choice, type Job, jobsOf } from '../jobs.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, plural, print, printJson, printWrapped, seconds } from '../screen.ts'

export interface FuzzOptions extends Choice {
  readonly runs?: number
  readonly steps?: number
  readonly seed?: number
  readonly json?: boolean
}

/** A few seconds for each model. */
const DEFAULT_RUNS = 500

/** Some times the depth of the explored worlds. */
const DEFAULT_STEPS = 300

/** Seeds are integers of 32 bits; these are easy to type. */
const MAX_SEED = 2 ** 31 - 1

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
    const { model } = job.place
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
    if (trace) printCounterexample(trace, setting, paths[index]!)
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
      'These walks met no violation, which proves nothing; serval check explores everything within bounds.',
    )
}
