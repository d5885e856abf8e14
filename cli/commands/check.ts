import { availableParallelism, totalmem } from 'node:os'
import { promela } from '../../spec/lower/promela.ts'
import { models } from '../../spec/models/index.ts'
import { encode } from '../../traces/encode.ts'
import type { Setting } from '../../traces/setting.ts'
import { type Checked, checkJob, type Effort, prepare } from '../check/checkJob.ts'
import { type Choice, type Job, jobsOf } from '../check/jobs.ts'
import { jsonOf } from '../check/json.ts'
import { printNext } from '../check/next.ts'
import { ProgressLine } from '../check/progressLine.ts'
import { printCoverage, printMeaning, printRemarks, printResults, printViolation } from '../check/report.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { assertWritable, writeText } from '../files.ts'
import { findInvariant } from '../find.ts'
import { interruptible } from '../interrupt.ts'
import { count, plural, print, printJson, printWrapped, seconds } from '../screen.ts'

export interface CheckOptions extends Choice {
  readonly invariant?: readonly string[]
  readonly workers?: number
  readonly memory?: number
  readonly trace?: string
  readonly promela?: string
  readonly json?: boolean
}

/** More threads than these are the user's to ask for. */
const DEFAULT_WORKERS = 2

/** Mebibytes for default bounds, which need far less. */
const DEFAULT_MEMORY_MB = 2048

const MIB = 2 ** 20

/** `serval check`: explores worlds one after the other. */
export async function check(names: readonly string[], options: CheckOptions): Promise<number> {
  const invariants = options.invariant?.map(findInvariant) ?? 'all'
  const jobs = jobsOf(names, options)
  for (const path of [options.trace, options.promela]) if (path !== undefined) assertWritable(path)
  if (options.promela !== undefined) writePromela(options.promela, jobs)
  return interruptible(async signal => {
    const { workers = Math.min(DEFAULT_WORKERS, availableParallelism()), memory } = options
    const memoryMb = memory ?? defaultMemoryMb(options.deep ?? false)
    const results = await checkAll(jobs, { workers, memoryMb, invariants, signal })
    const paths = writeTraces(results, options.trace)
    if (options.json) printJson(results.map((result, index) => jsonOf(result, paths[index])))
    else printReport(results, paths, jobs.length, signal.aborted)
    if (signal.aborted) return EXIT.INTERRUPTED
    return results.every(({ verdict }) => verdict === 'holds') ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

/** Deep bounds may take half of what the machine has. */
function defaultMemoryMb(deep: boolean): number {
  if (!deep) return DEFAULT_MEMORY_MB
  const there = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  return Math.max(DEFAULT_MEMORY_MB, Math.floor(there / 2 / MIB))
}

async function checkAll(jobs: readonly Job[], effort: Effort): Promise<Checked[]> {
  const line = new ProgressLine(() => performance.now())
  const results: Checked[] = []
  for (const job of jobs) {
    if (effort.signal.aborted) break
    const { model } = job.place
    const setting: Setting = prepare(job)
    const result = await checkJob(job, setting, effort, progress => line.show(model, progress))
    const { distinct } = result.exploration
    line.say(`${model}: ${result.verdict}, ${count(distinct)} states in ${seconds(result.seconds)}`)
    results.push(result)
  }
  return results
}

function writePromela(path: string, jobs: readonly Job[]): void {
  const [job, ...others] = jobs
  if (others.length > 0)
    throw new CliError(
      'CLI_ONE_MODEL',
      '--promela writes one model; name one, such as: serval check two-party',
    )
  writeText(path, promela(prepare(job!).world.system, { asserts: true }))
}

/** Writes counterexamples: the first where the user says, others under out/. Returns their paths by result. */
function writeTraces(results: readonly Checked[], wanted: string | undefined): (string | undefined)[] {
  let first = wanted
  return results.map(({ found, job }) => {
    if (!found) return undefined
    const { model, defect } = job.place
    const name = [model, ...(defect === undefined ? [] : [defect]), found.violation.id].join('-')
    const path = first ?? `out/${name}.trace.json`
    first = undefined
    writeText(path, encode(found.trace))
    return path
  })
}

function printReport(
  results: readonly Checked[],
  paths: readonly (string | undefined)[],
  wanted: number,
  interrupted: boolean,
): void {
  results.forEach((result, index) => {
    if (!result.found) return
    printViolation(result, paths[index]!)
    print()
  })
  if (results.length > 0) printResults(results)
  print()
  printRemarks(results)
  if (interrupted) printWrapped(`Interrupted: ${plural(wanted - results.length, 'model')} not begun.`)
  if (!results.every(({ verdict }) => verdict === 'holds')) return
  if (interrupted) return
  printCoverage(results, results.length === models.length)
  printMeaning(results)
  print()
  printNext()
}
