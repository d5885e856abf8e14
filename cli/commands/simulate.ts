import { randomInt } from 'node:crypto'
import { at } from '../../checker/text/at.ts'
import { isPlanePlan, planePlanOf } from '../../properties/simulator/controllers/decode.ts'
import { planeDefect, planeDefects } from '../../properties/simulator/controllers/defects.ts'
import { planOf } from '../../properties/simulator/decode.ts'
import { type StackDefect, stackDefects } from '../../properties/simulator/defects.ts'
import { encodePlan } from '../../properties/simulator/encode.ts'
import { FAULT_LEVELS, type FaultLevel } from '../../properties/simulator/faults/levels.ts'
import { MOST_HOSTS, MOST_ROUTERS, MOST_SEED } from '../../properties/simulator/limits.ts'
import type { Plan } from '../../properties/simulator/plan.ts'
import { parsePlan } from '../../properties/simulator/planFile.ts'
import { RULES } from '../../properties/simulator/rules.ts'
import type { Failure } from '../../properties/simulator/series.ts'
import { takeHere } from '../campaign/here.ts'
import { type Asked, onWorkers } from '../campaign/onWorkers.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT, EXITS } from '../exit.ts'
import { readText, writeText } from '../files.ts'
import { interruptible } from '../interrupt.ts'
import { suggestion } from '../nearest.ts'
import { campaignOption, json, wholeOption } from '../options.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, plural, print, printJson, printWrapped } from '../screen.ts'
import { mergeSimulated, type Simulated } from '../simulate/merge.ts'
import type { SimulateOptions } from '../simulate/options.ts'
import { drawnPlanes, givenPlane } from '../simulate/plane.ts'
import { replayPlan } from '../simulate/replay.ts'
import {
  jsonOf,
  jsonOfOne,
  paintVerdict,
  printFindings,
  printPlan,
  printSimulated,
  shrinkingText,
} from '../simulate/report.ts'
import {
  type SimulateProgress,
  type SimulateReply,
  type SimulateRequest,
  type SimulateUnit,
  simulateUnits,
  takeSimulateUnit,
} from '../simulate/unit.ts'

/** They take some seconds. */
const DEFAULT_RUNS = 2000
const DEFAULT_HOSTS = 3
const DEFAULT_FAULTS: FaultLevel = 'harsh'

export const define: Define = (command, done) => {
  command
    .description(
      'Runs networks of whole stacks in virtual time, with faults, moves, cuts and crashes drawn from seeds, until a run fails. It shrinks the failing run and writes it as a plan. With FILE it runs that plan again.',
    )
    .argument('[file]', 'a plan that this command wrote')
    .option(
      '--runs <n>',
      'runs, each with its own seed (default: 2000, planes 100)',
      wholeOption('--runs', 1),
    )
    .option('--seed <s>', 'the first seed (default: random)', wholeOption('--seed', 0, MOST_SEED))
    .option('--hosts <n>', 'hosts of each run (default: 3)', wholeOption('--hosts', 1, MOST_HOSTS))
    .option(
      '--routers <n>',
      'routers in a row, which find services by name; the last is a rendezvous (default: 0, planes 2)',
      wholeOption('--routers', 0, MOST_ROUTERS),
    )
    .option(
      '--instances <n>',
      'hosts that offer one service together; without routers all are asked at once (default: 1)',
      wholeOption('--instances', 1, MOST_HOSTS - 1),
    )
    .option('--faults <level>', `${FAULT_LEVELS.join(', ')} (default: harsh)`)
    .option(
      '--attacks',
      'add an off-path attacker that floods hosts with SYNs and forges packets of their flows',
    )
    .option('--flows', 'connections of streams get several flows, and networks come and go')
    .option('--plane', 'simulate service planes: controllers and their registry, agents and routers')
    .option('--defect <id>', 'put a defect in (`serval defects` lists them)')
    .option('--capture <pcapng>', 'with FILE: write the packets of all hosts, an interface for each')
    .option('--diagram <html>', 'with FILE: draw the run as a sequence diagram')
    .addOption(campaignOption())
    .addOption(json())
    .addHelpText('after', EXITS)
    .action(async (path: string | undefined, options: SimulateOptions) => {
      done(await simulatePlans(path, options))
    })
}

/** `serval simulate`: whole stacks in virtual time. With a file, that plan; without, plans drawn from seeds. */
export async function simulatePlans(path: string | undefined, options: SimulateOptions): Promise<number> {
  if (path !== undefined) return given(path, options)
  return options.plane || planeDefect(options.defect) ? drawnPlanes(options) : drawn(options)
}

/** Simulates the plan of a file, of either kind. */
async function given(path: string, options: SimulateOptions): Promise<number> {
  const { json: _, capture: __, diagram: ___, ...drawn } = options
  const [other] = Object.keys(drawn)
  if (other !== undefined)
    throw new CliError('CLI_USAGE', `a plan sets all options; omit --${other}, or the file`)
  const json = parsePlan(readText(path))
  return isPlanePlan(json)
    ? givenPlane(path, planePlanOf(json), options)
    : givenNetwork(path, planOf(json), options)
}

function givenNetwork(path: string, plan: Plan, { capture, diagram, json }: SimulateOptions): number {
  const simulation = replayPlan(path, plan, { capture, diagram })
  const { verdict, findings, digest, flows, packets } = simulation
  if (json) printJson(jsonOfOne(path, simulation))
  else {
    printFindings(findings, RULES)
    print(`${plural(flows, 'flow')}, ${plural(packets, 'packet')}, SHA-256 of all packets ${digest}`)
    print(paintVerdict(verdict))
  }
  return verdict === 'holds' ? EXIT.HOLDS : EXIT.VIOLATED
}

function drawn(options: SimulateOptions): Promise<number> {
  for (const name of ['capture', 'diagram'] as const)
    if (options[name] !== undefined)
      throw new CliError('CLI_USAGE', `--${name} replays one run; name the file of its plan`)
  const defect = options.defect === undefined ? undefined : defectOf(options.defect)
  const faults = levelOf(options.faults ?? defect?.shownBy?.faults ?? DEFAULT_FAULTS)
  const world = { hosts: DEFAULT_HOSTS, routers: 0, instances: 1, ...defect?.shownBy }
  const { seed = randomInt(MOST_SEED), runs = DEFAULT_RUNS, attacks = defect?.shownBy?.attacks } = options
  const { flows = defect?.shownBy?.flows } = options
  const { hosts = world.hosts, routers = world.routers, instances = world.instances } = options
  if (instances > 1 && instances >= hosts)
    throw new CliError(
      'CLI_USAGE',
      `of ${hosts} hosts ${instances} are instances, and nobody is left to ask: give more --hosts`,
    )
  const { campaign, json: _, ...rest } = options
  const hasOptions = Object.keys(rest).length > 0
  return interruptible(async signal => {
    const request: SimulateRequest = {
      ...{ kind: 'simulate', seed, runs, hosts, routers, instances, faults },
      ...(attacks !== undefined && { attacks }),
      ...(flows !== undefined && { flows }),
      ...(defect && { defect: defect.id }),
    }
    const simulated = await (campaign === undefined
      ? simulateHere(request, signal)
      : simulateThere(campaign, { request, hasOptions, hasSeed: options.seed !== undefined }, signal))
    const paths = simulated.failures.map(({ seed }) => `out/simulation-${seed}.json`)
    for (const [index, { plan }] of simulated.failures.entries())
      writeText(at(paths, index), encodePlan(plan))
    if (options.json) printJson(jsonOf(simulated, paths))
    else printReport(simulated, paths)
    if (signal.aborted) return EXIT.INTERRUPTED
    return simulated.verdict === 'holds' ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

async function simulateHere(request: SimulateRequest, signal: AbortSignal): Promise<Simulated> {
  const line = new ProgressLine(() => performance.now())
  const [simulated] = await takeHere<SimulateUnit, SimulateReply, Simulated>(
    [simulateUnits(request)],
    signal,
    (unit, before) =>
      takeSimulateUnit(unit, { signal, progress: progress => line.show(progressText(before, progress)) }),
    replies => mergeSimulated(request, replies),
  )
  return simulated ?? mergeSimulated(request, [])
}

/** Simulates as a campaign. */
async function simulateThere(
  url: string,
  asked: Asked<SimulateRequest>,
  signal: AbortSignal,
): Promise<Simulated> {
  const { request, lists } = await onWorkers(url, asked, signal)
  return mergeSimulated(request, lists.flat())
}

function progressText(before: readonly SimulateReply[], progress: SimulateProgress): string {
  if ('actions' in progress) return shrinkingText(progress.shrinkRuns, progress.actions)
  const sum = (name: 'runs' | 'flows' | 'packets') =>
    count([...before, progress].reduce((total, part) => total + part[name], 0))
  return `${sum('runs')} runs, ${sum('flows')} flows, ${sum('packets')} packets`
}

function printReport(simulated: Simulated, paths: readonly string[]): void {
  const { request, series, failures, verdict, reason } = simulated
  for (const [index, failure] of failures.entries()) printFailure(failure, at(paths, index))
  printSimulated(simulated)
  if (reason !== undefined) printWrapped(`Incomplete: ${reason}.`)
  printWrapped(`Seed ${request.seed}: --seed ${request.seed} makes the same runs again.`)
  if (verdict === 'holds')
    printWrapped(
      `No run broke anything, which proves nothing. ${plural(series.missed.length, 'transition')} of the machine were taken by no run.`,
    )
}

function printFailure(failure: Failure, path: string): void {
  printFindings(failure.simulation.findings, RULES)
  printPlan(path, failure)
  const stem = path.replace(/\.json$/, '')
  print(`Look:   npx serval simulate ${path} --capture ${stem}.pcapng --diagram ${stem}.html`)
  print()
}

function levelOf(text: string): FaultLevel {
  const level = FAULT_LEVELS.find(known => known === text)
  if (level) return level
  throw new CliError('CLI_FAULTS', `there is no fault level '${text}'${suggestion(text, FAULT_LEVELS)}`)
}

/** Returns the defect of the stack with this id, in any case; undefined if there is none. */
export const stackDefect = (id: string): StackDefect | undefined =>
  stackDefects.find(known => known.id.toLowerCase() === id.toLowerCase())

function defectOf(id: string): StackDefect {
  const found = stackDefect(id)
  if (found) return found
  const ids = [...stackDefects, ...planeDefects].map(defect => defect.id)
  throw new CliError('CLI_DEFECT', `the simulator has no defect '${id}'${suggestion(id, ids)}`)
}
