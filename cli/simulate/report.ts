/** The output of `serval simulate`: a row for people, values for programs. */
import type { Campaign } from '../../properties/simulator/campaign.ts'
import type { Finding } from '../../properties/simulator/findings.ts'
import { RULES } from '../../properties/simulator/findings.ts'
import type { FaultLevel } from '../../properties/simulator/generate.ts'
import type { SimulationResult } from '../../properties/simulator/simulate.ts'
import { count, plural, print, printTable, printWrapped, rate, type Style, seconds } from '../screen.ts'

/** The options and the result of a campaign. */
export interface Simulated {
  readonly seed: number
  readonly hosts: number
  readonly routers: number
  readonly instances: number
  readonly faults: FaultLevel
  readonly defect?: string | undefined
  readonly campaign: Campaign
  readonly seconds: number
  /** `incomplete` if fewer runs were made than requested. `holds` proves only that these runs violate no rule. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  /** The file with the plan of the first failure. */
  readonly path: string | undefined
}

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

export function printSimulated({ campaign, ...told }: Simulated): void {
  const row = [
    told.defect === undefined ? told.faults : `${told.faults} + ${told.defect}`,
    count(told.hosts),
    count(campaign.runs),
    count(campaign.flows),
    count(campaign.steps),
    count(campaign.packets),
    seconds(told.seconds),
    rate(campaign.runs / told.seconds),
    `${campaign.transitions}/${campaign.allTransitions}`,
    told.verdict,
  ]
  printTable([HEADING, row], column => (column === VERDICT_COLUMN ? STYLES[told.verdict] : undefined))
  print()
  if (told.instances > 1) printWrapped(`${count(told.instances)} of the hosts offer one service together.`)
  if (told.routers > 0)
    printWrapped(
      `${plural(told.routers, 'router')} forwarded ${plural(campaign.forwarded, 'first packet')} and relayed ${plural(campaign.relayed, 'packet')} for moves.`,
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

/** The value of `serval simulate --json`. */
export function jsonOf({ campaign, ...told }: Simulated): Record<string, unknown> {
  const { failure, missed: _, ...sums } = campaign
  return {
    ...told,
    ...sums,
    ...(failure ? { findings: failure.simulation.findings, unshrunk: failure.unshrunk } : {}),
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
