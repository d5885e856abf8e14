/** The output of `serval simulate`: a row for people, values for programs. */
import type { Finding } from '../../properties/simulator/findings.ts'
import { RULES } from '../../properties/simulator/findings.ts'
import type { SimulationResult } from '../../properties/simulator/simulate.ts'
import { count, plural, print, printTable, printWrapped, rate, type Style, seconds } from '../screen.ts'
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

const STYLES: Readonly<Record<Simulated['verdict'], Style>> = {
  holds: 'green',
  violated: ['bold', 'red'],
  incomplete: ['bold', 'yellow'],
}

/** Prints the first violated rule, then all findings. */
export function printFindings(findings: readonly Finding[]): void {
  const [first] = findings
  if (first) printWrapped(`Violated: ${first.rule}. ${RULES[first.rule]}`)
  for (const { rule, atMs, what } of findings) printWrapped(`${rule} at ${count(atMs)} ms: ${what}`, '  ')
  print()
}

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
