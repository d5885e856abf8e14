/** Simulates service planes with plans drawn from seeds, or with one plan. */
import { randomInt } from 'node:crypto'
import { MOST_MEMBERS } from '../../properties/simulator/controllers/decode.ts'
import { planeDefect, planeDefects } from '../../properties/simulator/controllers/defects.ts'
import { DEFAULT_HOSTS, DEFAULT_ROUTERS } from '../../properties/simulator/controllers/generate.ts'
import type { PlanePlan } from '../../properties/simulator/controllers/plan.ts'
import { runPlanes } from '../../properties/simulator/controllers/series.ts'
import { simulatePlane } from '../../properties/simulator/controllers/simulate.ts'
import { encodePlan } from '../../properties/simulator/encode.ts'
import { MOST_SEED } from '../../properties/simulator/limits.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { writeText } from '../files.ts'
import { interruptible } from '../interrupt.ts'
import { suggestion } from '../nearest.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, duration, plural, printJson, speed } from '../screen.ts'
import type { SimulateOptions } from './options.ts'
import { jsonOfPlanes, type PlanesRequest, pathOf, printPlane, printPlanes } from './planeReport.ts'
import { shrinkingText } from './report.ts'

/** They take half a minute. */
const DEFAULT_RUNS = 100

/** Options of other simulations. */
const OTHERS = ['instances', 'faults', 'attacks', 'flows', 'capture', 'diagram', 'campaign'] as const

/** Simulates service planes until a run fails. Throws CLI_USAGE, CLI_NUMBER and CLI_DEFECT. */
export function drawnPlanes(options: SimulateOptions): Promise<number> {
  const request = requestOf(options)
  return interruptible(async signal => {
    const start = performance.now()
    const line = new ProgressLine(() => performance.now())
    const series = await runPlanes({
      ...{ ...request, signal },
      progress: runs => line.show(progressText(runs, request.runs, performance.now() - start)),
      shrinking: (runs, actions) => line.show(shrinkingText(runs, actions)),
    })
    const { failure } = series
    if (failure) writeText(pathOf(failure), encodePlan(failure.plan))
    const planes = { request, series, seconds: (performance.now() - start) / 1000 }
    if (options.json) printJson(jsonOfPlanes(planes))
    else printPlanes(planes)
    if (signal.aborted) return EXIT.INTERRUPTED
    return failure ? EXIT.VIOLATED : EXIT.HOLDS
  })
}

/** Simulates a plan. Throws CLI_USAGE. */
export async function givenPlane(
  path: string,
  plan: PlanePlan,
  { capture, diagram, json }: Pick<SimulateOptions, 'capture' | 'diagram' | 'json'>,
): Promise<number> {
  for (const [name, value] of Object.entries({ capture, diagram }))
    if (value !== undefined)
      throw new CliError(
        'CLI_USAGE',
        `--${name} draws packets of hosts, and ${path} is a plan of a service plane; omit it`,
      )
  const result = await simulatePlane(plan)
  if (json) printJson({ plan: path, ...result })
  else printPlane(result)
  return result.verdict === 'holds' ? EXIT.HOLDS : EXIT.VIOLATED
}

function requestOf(options: SimulateOptions): PlanesRequest {
  for (const name of OTHERS)
    if (options[name] !== undefined)
      throw new CliError('CLI_USAGE', `--${name} does not apply to service planes; omit it`)
  const { seed = randomInt(MOST_SEED), runs = DEFAULT_RUNS } = options
  const { hosts = DEFAULT_HOSTS, routers = DEFAULT_ROUTERS, defect } = options
  for (const [name, value] of Object.entries({ hosts, routers }))
    if (value < 1 || value > MOST_MEMBERS)
      throw new CliError(
        'CLI_NUMBER',
        `--${name} is ${value}; with --plane give a whole number from 1 to ${MOST_MEMBERS}`,
      )
  const id = defect === undefined ? undefined : defectOf(defect)
  return { seed, runs, hosts, routers, ...(id !== undefined && { defect: id }) }
}

function defectOf(id: string): string {
  const found = planeDefect(id)
  if (found) return found.id
  const ids = planeDefects.map(defect => defect.id)
  throw new CliError('CLI_DEFECT', `the service plane has no defect '${id}'${suggestion(id, ids)}`)
}

/** Returns `12 of 100 runs, 3 runs/s, 29 s left`. */
function progressText(runs: number, all: number, ms: number): string {
  const perSecond = (runs * 1000) / ms
  return `${count(runs)} of ${plural(all, 'run')}, ${speed(perSecond, 'runs')}, ${duration((all - runs) / perSecond)} left`
}
