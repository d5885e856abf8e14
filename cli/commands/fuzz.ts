import { randomInt } from 'node:crypto'
import type { FuzzProgress } from '../../checker/fuzz/fuzz.ts'
import { at } from '../../checker/text/at.ts'
import { MOST_SEED } from '../../properties/simulator/limits.ts'
import { takeHere } from '../campaign/here.ts'
import { type Asked, onWorkers } from '../campaign/onWorkers.ts'
import { printCounterexample, writeTraces } from '../counterexample.ts'
import type { Define } from '../define.ts'
import { EXIT, EXITS } from '../exit.ts'
import { type Fuzzed, mergeFuzzed } from '../fuzz/merge.ts'
import { jsonOf, printResults } from '../fuzz/report.ts'
import {
  type FuzzReply,
  type FuzzRequest,
  type FuzzUnit,
  fuzzUnits,
  MAX_STEPS,
  takeFuzzUnit,
} from '../fuzz/unit.ts'
import { interruptible } from '../interrupt.ts'
import { type Choice, jobsOf, worldName } from '../jobs.ts'
import { campaignOption, json, wholeOption } from '../options.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, plural, print, printJson, printWrapped, seconds } from '../screen.ts'

export interface FuzzOptions extends Choice {
  readonly runs?: number
  readonly steps?: number
  readonly seed?: number
  readonly campaign?: string
  readonly json?: boolean
}

/** They take a few seconds for each model. */
const DEFAULT_RUNS = 500

/** Several times the depth of the explored worlds. */
const DEFAULT_STEPS = 300

/** Seeds are integers of 32 bits; these are easy to type. */
const MAX_SEED = 2 ** 31 - 1

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
    .addOption(campaignOption())
    .addOption(json())
    .addHelpText('after', EXITS)
    .action(async (names: string[], options: FuzzOptions) => {
      done(await fuzzModels(names, options))
    })
}

/** `serval fuzz`: random walks through worlds too wide to explore. */
async function fuzzModels(names: readonly string[], options: FuzzOptions): Promise<number> {
  const jobs = jobsOf(names, 'max', options)
  const { runs = DEFAULT_RUNS, steps = DEFAULT_STEPS, seed = randomInt(MAX_SEED) } = options
  const { campaign, json: _, ...given } = options
  const asked: Asked<FuzzRequest> = {
    request: { kind: 'fuzz', jobs, seed, runs, steps },
    hasOptions: names.length > 0 || Object.keys(given).length > 0,
    hasSeed: options.seed !== undefined,
  }
  return interruptible(async signal => {
    const results = await (campaign === undefined
      ? fuzzHere(asked.request, signal)
      : fuzzThere(campaign, asked, signal))
    const paths = writeTraces(results.map(({ findings }) => findings.map(({ trace }) => trace)))
    if (options.json) printJson(results.map((result, index) => jsonOf(result, at(paths, index))))
    else printReport(results, paths)
    if (signal.aborted) return EXIT.INTERRUPTED
    return results.every(({ verdict }) => verdict === 'holds') ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

function fuzzHere(request: FuzzRequest, signal: AbortSignal): Promise<Fuzzed[]> {
  const line = new ProgressLine(() => performance.now())
  return takeHere<FuzzUnit, FuzzReply, Fuzzed>(
    fuzzUnits(request),
    signal,
    (unit, before) =>
      takeFuzzUnit(unit, {
        signal,
        progress: walked => {
          const { runs, steps } = totals([...before, walked])
          line.show(`${worldName(unit.job)}: ${count(runs)} walks, ${count(steps)} steps`)
        },
      }),
    (replies, number) => {
      const job = at(request.jobs, number)
      const result = mergeFuzzed(job, request, replies)
      const took = `${plural(result.runs, 'walk')} in ${seconds(result.seconds)}`
      line.say(`${worldName(job)}: ${result.verdict}, ${took}`)
      return result
    },
  )
}

/** Fuzzes as a campaign. */
async function fuzzThere(url: string, asked: Asked<FuzzRequest>, signal: AbortSignal): Promise<Fuzzed[]> {
  const { request, lists } = await onWorkers(url, asked, signal)
  return lists.map((outcomes, number) => mergeFuzzed(at(request.jobs, number), request, outcomes))
}

const totals = (walked: readonly FuzzProgress[]): FuzzProgress => ({
  runs: walked.reduce((sum, { runs }) => sum + runs, 0),
  steps: walked.reduce((sum, { steps }) => sum + steps, 0),
})

function printReport(results: readonly Fuzzed[], paths: readonly (readonly string[])[]): void {
  for (const [index, { findings, setting }] of results.entries())
    for (const [which, { trace }] of findings.entries())
      printCounterexample(trace, setting, at(at(paths, index), which))
  printResults(results)
  print()
  for (const { job, reason } of results)
    if (reason !== undefined) printWrapped(`${worldName(job)} is incomplete: ${reason}.`)
  const [{ seed } = { seed: undefined }] = results
  if (seed !== undefined) printWrapped(`Seed ${seed}: --seed ${seed} takes the same walks again.`)
  const undecided = results.reduce((sum, result) => sum + result.undecided, 0)
  if (undecided > 0)
    printWrapped(
      `${plural(undecided, 'suspicion')} of a goal out of reach could be neither proved nor refuted.`,
    )
  if (results.every(({ verdict }) => verdict === 'holds'))
    printWrapped(
      'No walk violated a property. That proves nothing; `serval check` explores every state within bounds.',
    )
}
