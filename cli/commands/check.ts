import { availableParallelism, totalmem } from 'node:os'
import { promela } from '../../checker/codegen/promela/promela.ts'
import { MAX_WORKERS } from '../../checker/search/explore.ts'
import type { Progress } from '../../checker/search/search.ts'
import { Threads } from '../../checker/search/threads.ts'
import { at } from '../../checker/text/at.ts'
import { models } from '../../spec/worlds/index.ts'
import { liveness } from '../../spec/worlds/invariants.ts'
import { takeHere } from '../campaign/here.ts'
import { type Asked, onWorkers } from '../campaign/onWorkers.ts'
import { MOST_LANES } from '../campaign/settings.ts'
import { jsonOf } from '../check/json.ts'
import { inOrderOf, longestFirst } from '../check/longestFirst.ts'
import { type Checked, mergeChecked } from '../check/merge.ts'
import { printNext } from '../check/next.ts'
import { printCoverage, printMeaning, printRemarks, printResults, printUntried } from '../check/report.ts'
import {
  type CheckReply,
  type CheckRequest,
  type CheckUnit,
  checkUnits,
  takeCheckUnit,
} from '../check/unit.ts'
import { printCounterexample, writeTraces } from '../counterexample.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT, EXITS } from '../exit.ts'
import { assertWritable, writeText } from '../files.ts'
import { findInvariant } from '../find.ts'
import { interruptible } from '../interrupt.ts'
import { type Choice, type Job, jobsOf, withPromptWorlds, worldName } from '../jobs.ts'
import { campaignOption, collect, json, wholeOption } from '../options.ts'
import { ProgressLine, progressText } from '../progressLine.ts'
import { count, plural, print, printJson, seconds } from '../screen.ts'

export interface CheckOptions extends Choice {
  readonly deep?: boolean
  readonly invariant?: readonly string[]
  readonly workers?: number
  readonly memory?: number
  readonly trace?: string
  readonly promela?: string
  readonly campaign?: string
  readonly json?: boolean
}

/** More threads than these are the user's to ask for. In a campaign, each worker is a process with one. */
const DEFAULT_WORKERS = 2
const defaultWorkers = (): number => Math.min(DEFAULT_WORKERS, availableParallelism())

/** Mebibytes for default bounds, which need far less. */
const DEFAULT_MEMORY_MB = 2048

const MIB = 2 ** 20

const workers = wholeOption('--workers', 1, MAX_WORKERS)
const memory = wholeOption('--memory', 1, Math.floor(totalmem() / MIB))

export const define: Define = (command, done) => {
  command
    .description(
      'Explores every reachable state of the models within their bounds and checks all properties. For a violation it writes the shortest counterexample to a trace file, which `serval replay` replays.',
    )
    .argument('[model...]', 'names of models (default: all, or those that show the defect)')
    .option('--bound <name=number>', 'set a bound of the models that have it; repeat for more', collect)
    .option('--deep', 'use larger bounds (hours)')
    .option(
      '--invariant <id>',
      'check only this property, by number or name, and those that share its number; repeat for more',
      collect,
    )
    .option('--defect <id>', 'put a known defect back (`serval defects` lists them)')
    .option('--workers <n>', 'threads (default: 2, or 1 where there is one core)', workers)
    .option(
      '--memory <MB>',
      'memory for states, in MiB (default: half of the machine, at most 2048 without --deep)',
      memory,
    )
    .option('--trace <file>', 'where to write the first counterexample (default: a file under out/)')
    .option('--promela <file>', 'also write the model as Promela, for SPIN; needs exactly one model')
    .addOption(campaignOption())
    .addOption(json())
    .addHelpText('after', EXITS)
    .action(async (names: string[], options: CheckOptions) => {
      done(await check(names, options))
    })
}

/** `serval check`: explores one world with all threads, or several worlds side by side. */
export async function check(names: readonly string[], options: CheckOptions): Promise<number> {
  const invariants = options.invariant?.map(findInvariant) ?? 'all'
  const asked = jobsOf(names, options.deep ? 'deep' : 'default', options)
  for (const path of [options.trace, options.promela]) if (path !== undefined) assertWritable(path)
  if (options.promela !== undefined) assertOne(asked)
  const all = options.promela === undefined ? withPromptWorlds(asked, options) : asked
  const jobs = all.length > asked.length ? all.filter(job => selected(job, invariants).length > 0) : all
  const { campaign, json: _, trace: __, promela: ___, ...rest } = options
  const hasOptions = names.length > 0 || Object.keys(rest).length > 0
  return interruptible(async signal => {
    const { workers = campaign === undefined ? defaultWorkers() : 1, memory } = options
    const memoryMb = memory ?? defaultMemoryMb(options.deep ?? false)
    const worlds = jobs.map(job => ({ job, invariants: selected(job, invariants) }))
    const request: CheckRequest = { kind: 'check', worlds, workers, memoryMb }
    const results = await (campaign === undefined
      ? checkOnThisMachine(request, options, asked.length, signal)
      : checkThere(campaign, { request, hasOptions, hasSeed: true }, signal))
    const paths = writeTraces(
      results.map(({ trace }) => (trace ? [trace] : [])),
      options.trace,
    )
    if (options.promela !== undefined && results[0]) writePromela(options.promela, results[0])
    if (options.json) printJson(results.map((result, index) => jsonOf(result, at(paths, index)[0])))
    else printReport(results, paths, campaign === undefined ? jobs.length : results.length, signal.aborted)
    if (signal.aborted) return EXIT.INTERRUPTED
    return results.every(({ verdict }) => verdict === 'holds') ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

const promptIds = new Set(liveness.flatMap(({ id, isPrompt }) => (isPrompt ? [id] : [])))

/** Returns the properties that the world of a job has, of those that are wanted. */
const selected = ({ variant: { bounds } }: Job, wanted: 'all' | readonly string[]): 'all' | string[] =>
  wanted === 'all' ? wanted : wanted.filter(id => promptIds.has(id) === (bounds.prompt === 1))

/** Mebibytes for the states, unless told. Deep bounds may take half of what the machine has. */
function defaultMemoryMb(deep: boolean): number {
  const half = Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2 / MIB)
  return deep ? half : Math.min(DEFAULT_MEMORY_MB, half)
}

/** Checks with all threads one world after the other, or side by side several models at their usual bounds. */
function checkOnThisMachine(
  request: CheckRequest,
  { deep, memory, bound }: CheckOptions,
  models: number,
  signal: AbortSignal,
): Promise<Checked[]> {
  const { workers } = request
  const isUsual = !deep && memory === undefined && bound === undefined
  const lanes = isUsual && models > 1 && workers > 1 ? Math.min(workers + 1, MOST_LANES) : 1
  return lanes > 1 ? checkBeside(request, lanes, signal) : checkHere(request, signal)
}

/** The part of the memory that each world at its usual bounds may take. In a third, recoverability of `two-party` is slow. */
const SHARE = 1 / 2

/**
 * Checks worlds side by side, each in `lanes` of threads. There is a lane more than workers, because a lane's threads wait
 * while the main thread generates their programs.
 */
async function checkBeside(request: CheckRequest, lanes: number, signal: AbortSignal): Promise<Checked[]> {
  const workers = Math.max(1, Math.floor(request.workers / lanes))
  const threads = Array.from({ length: lanes }, () => new Threads(workers))
  const worlds = longestFirst(request.worlds)
  const share = { ...request, worlds, workers, memoryMb: Math.ceil(request.memoryMb * SHARE) }
  try {
    return inOrderOf(request.worlds, worlds, await checkHere(share, signal, threads))
  } finally {
    await Promise.all(threads.map(each => each.close()))
  }
}

/** Checks one world after the other, or as many at a time as there are lanes of threads. */
function checkHere(
  request: CheckRequest,
  signal: AbortSignal,
  threads: readonly Threads[] = [],
): Promise<Checked[]> {
  const line = new ProgressLine(() => performance.now())
  return takeHere<CheckUnit, CheckReply, Checked>(
    checkUnits(request),
    signal,
    (unit, _, lane) => {
      const progress = (made: Progress) => line.show(progressText(worldName(unit.job), made))
      return takeCheckUnit(unit, { signal, progress }, threads[lane])
    },
    (replies, number) => {
      const world = at(request.worlds, number)
      const result = mergeChecked(world, request, replies)
      const { distinct, seconds: took } = result.found
      line.say(`${worldName(world.job)}: ${result.verdict}, ${count(distinct)} states in ${seconds(took)}`)
      return result
    },
    Math.max(1, threads.length),
  )
}

/** Checks as a campaign, with a world for each unit. */
async function checkThere(url: string, asked: Asked<CheckRequest>, signal: AbortSignal): Promise<Checked[]> {
  const { request, lists } = await onWorkers(url, asked, signal)
  return lists.map((outcomes, number) => mergeChecked(at(request.worlds, number), request, outcomes))
}

/** Throws CLI_ONE_MODEL. */
function assertOne(jobs: readonly Job[]): void {
  if (jobs.length === 1) return
  const example = 'serval check two-party --promela two-party.pml'
  throw new CliError('CLI_ONE_MODEL', `--promela writes one model; name one, such as: ${example}`)
}

const writePromela = (path: string, { setting }: Checked): void =>
  writeText(path, promela(setting.world.system, { asserts: true }))

function printReport(
  results: readonly Checked[],
  paths: readonly (readonly string[])[],
  wanted: number,
  interrupted: boolean,
): void {
  results.forEach(({ trace, setting }, index) => {
    if (trace) printCounterexample(trace, setting, at(at(paths, index), 0))
  })
  if (results.length > 0) printResults(results)
  print()
  printRemarks(results)
  if (results.length < wanted) print(`Interrupted: ${plural(wanted - results.length, 'world')} not begun.`)
  if (!results.every(({ verdict }) => verdict === 'holds')) return
  if (interrupted) return
  printCoverage(results, new Set(results.map(({ job }) => job.variant.model)).size === models.length)
  printUntried(results)
  printMeaning(results)
  print()
  printNext()
}
