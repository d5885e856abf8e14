/** The output of `serval simulate`: a row for people, values for programs. */
import type { SimulationResult } from '../../properties/simulator/simulate.ts'
import {
  count,
  paint,
  plural,
  print,
  printTable,
  printWrapped,
  rate,
  type Style,
  seconds,
} from '../screen.ts'
import type { Simulated } from './merge.ts'

const HEADING = [
  'FAULTS',
  'HOSTS',
  'RUNS',
  'FLOWS',
  'STEPS',
  'PACKETS',
  'TIME',
  'RUNS/S',
  'TRANSITIONS',
  'VERDICT',
]
const VERDICT_COLUMN = HEADING.length - 1

export function printSimulated({ request, series, verdict, ...result }: Simulated): void {
  const { defect, faults, hosts, instances, routers } = request
  const row = [
    defect === undefined ? faults : `${faults} + ${defect}`,
    count(hosts),
    count(series.runs),
    count(series.flows),
    count(series.steps),
    count(series.packets),
    seconds(result.seconds),
    rate(series.runs / result.seconds),
    `${series.transitions}/${series.allTransitions}`,
    verdict,
  ]
  printTable([HEADING, row], column => (column === VERDICT_COLUMN ? STYLES[verdict] : undefined))
  print()
  if (instances > 1) printWrapped(`${count(instances)} of the hosts offer one service together.`)
  if (routers > 0)
    printWrapped(
      `${plural(routers, 'router')} forwarded ${plural(series.forwarded, 'first packet')} and relayed ${plural(series.relayed, 'packet')} for moves.`,
    )
}

export type Verdict = Simulated['verdict']

export const STYLES: Readonly<Record<Verdict, Style>> = {
  holds: 'green',
  violated: ['bold', 'red'],
  incomplete: ['bold', 'yellow'],
}

export const paintVerdict = (verdict: Verdict): string => paint(STYLES[verdict], verdict)

/** Prints the first violated rule with its sentence, then all findings. */
export function printFindings<Rule extends string>(
  findings: readonly { readonly rule: Rule; readonly atMs: number; readonly what: string }[],
  rules: Readonly<Record<Rule, string>>,
): void {
  const [first] = findings
  if (first) printWrapped(`Violated: ${first.rule}. ${rules[first.rule]}`)
  for (const { rule, atMs, what } of findings) printWrapped(`${rule} at ${count(atMs)} ms: ${what}`, '  ')
  print()
}

/** A plan that was shrunk: the seed from which it was drawn, and its actions before. */
interface Shrunk {
  readonly plan: { readonly actions: readonly unknown[] }
  readonly seed: number
  readonly unshrunk: number
}

/** Prints where the plan of a failure is, and the command that replays it. */
export function printPlan(path: string, { plan, seed, unshrunk }: Shrunk): void {
  print(`Plan:   ${path} (seed ${seed}, ${plural(plan.actions.length, 'action')} of ${unshrunk})`)
  print(`Replay: ${paint('bold', `npx serval simulate ${path}`)}`)
}

export const shrinkingText = (runs: number, actions: number): string =>
  `shrinking the plan: ${plural(actions, 'action')} left after ${plural(runs, 'run')}`

/** The value of `serval simulate --json`. `paths` are those of the failures' plans. */
export function jsonOf(
  { request, series, seconds, verdict, reason, failures }: Simulated,
  paths: readonly string[],
): Record<string, unknown> {
  const { kind: _, attacks: __, flows: _____, runs: ___, ...options } = request
  const { missed: ____, ...sums } = series
  const [first, ...others] = failures.map(({ simulation, unshrunk }, index) => ({
    ...{ path: paths[index], findings: simulation.findings, unshrunk },
  }))
  return {
    ...{ ...options, seconds, verdict, ...(reason !== undefined && { reason }) },
    ...{ ...sums, ...first },
    ...(others.length > 0 && { others }),
  }
}

/** The value of `serval simulate FILE --json`. */
export const jsonOfOne = (
  path: string,
  { taken, ...simulation }: SimulationResult,
): Record<string, unknown> => ({
  plan: path,
  ...simulation,
  transitions: taken.filter(times => times > 0).length,
})
