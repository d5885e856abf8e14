/** The output of `serval simulate --plane`: a row for people, values for programs. */
import { PLANE_RULES } from '../../properties/simulator/controllers/rules.ts'
import type { PlaneFailure, PlaneSeries } from '../../properties/simulator/controllers/series.ts'
import type { PlaneResult } from '../../properties/simulator/controllers/simulate.ts'
import { count, plural, print, printTable, printWrapped, rate, seconds } from '../screen.ts'
import { paintVerdict, printFindings, printPlan, STYLES, type Verdict } from './report.ts'

export interface PlanesRequest {
  readonly seed: number
  readonly runs: number
  readonly hosts: number
  readonly routers: number
  readonly defect?: string
}

/** The options and the result of all runs. */
export interface Planes {
  readonly request: PlanesRequest
  readonly series: PlaneSeries
  readonly seconds: number
}

/** Returns the file for the plan of a failure. */
export const pathOf = ({ plan }: PlaneFailure): string => `out/plane-${plan.seed}.json`

const HEADING = 'PLANE,HOSTS,ROUTERS,RUNS,STEPS,COMPARED,ANSWERS,SIMULATED,TIME,RUNS/MIN,VERDICT'.split(',')
const VERDICT_COLUMN = HEADING.length - 1
const HOUR_MS = 3_600_000
const MINUTE_S = 60

const verdictOf = ({ request, series: { failure, runs } }: Planes): Verdict =>
  failure ? 'violated' : runs < request.runs ? 'incomplete' : 'holds'

export function printPlanes(planes: Planes): void {
  const { request, series } = planes
  const { failure } = series
  if (failure) {
    printFindings(failure.findings, PLANE_RULES)
    printPlan(pathOf(failure), { ...failure, seed: failure.plan.seed })
    print()
  }
  const verdict = verdictOf(planes)
  const row = [
    request.defect ?? 'correct',
    ...[request.hosts, request.routers, series.runs, series.steps, series.compared, series.answers].map(
      count,
    ),
    `${(series.ms / HOUR_MS).toFixed(1)} h`,
    seconds(planes.seconds),
    rate((series.runs / planes.seconds) * MINUTE_S),
    verdict,
  ]
  printTable([HEADING, row], column => (column === VERDICT_COLUMN ? STYLES[verdict] : undefined))
  print()
  printWrapped(`Seed ${request.seed}: --seed ${request.seed} makes the same runs again.`)
  if (verdict === 'holds') printWrapped('No run broke anything, which proves nothing.')
}

/** Prints the result of one plan. */
export function printPlane({ findings, verdict, ms, compared, answers }: PlaneResult): void {
  printFindings(findings, PLANE_RULES)
  print(
    `${seconds(ms / 1000)} simulated, ${plural(compared, 'comparison')} of what members know, ${plural(answers, 'answer')} to the client`,
  )
  print(paintVerdict(verdict))
}

/** The value of `serval simulate --plane --json`. */
export function jsonOfPlanes(planes: Planes): Record<string, unknown> {
  const { request, series, seconds } = planes
  const { runs: _, ...options } = request
  const { failure, ...sums } = series
  return {
    ...{ kind: 'plane', ...options, seconds, verdict: verdictOf(planes), ...sums },
    ...(failure && { path: pathOf(failure), findings: failure.findings, unshrunk: failure.unshrunk }),
  }
}
