/** Replicas of a web server join and leave under load. docs/case-studies.md shows what it prints. */
import { count } from '../../checker/text/count.ts'
import type { CaseStudy, Outcome } from '../caseStudy.ts'
import { stackedSvg } from '../pictures/svg.ts'
import { stackedBars } from '../pictures/text.ts'
import { Plane } from '../plane.ts'
import { Replicas } from './replicas.ts'
import { NAMES, REPLICAS, type Stage, type Visited, visit } from './visit.ts'

const NETWORK = '127.0.20'
const BARS = 24
const BAR_COLUMNS = 60
const SVG_BARS = 80

export const replicatedWeb: CaseStudy<'visitors' | 'asks'> = {
  name: 'replicated-web',
  summary: 'four replicas of a web server join and leave under load',
  claim:
    'Each registered replica gets a share of the connections, one that has left gets none, and none fails.',
  choices: {
    visitors: { what: 'clients that ask at the same time', default: 12, min: 2, max: 1000 },
    asks: { what: 'connections between two steps', default: 500, min: 50, max: 1_000_000 },
  },
  async run(chosen, progress) {
    await using plane = await Plane.open(NETWORK)
    progress('starting the processes')
    using replicas = await Replicas.start(REPLICAS, NETWORK, plane.at)
    await using one = await plane.client(`${NETWORK}.3`)
    await using two = await plane.client(`${NETWORK}.4`)
    return conclude(await visit(replicas, [one, two], chosen, progress))
  },
}

/** Exactly the present replicas answer. */
const isShared = ({ present, answers }: Stage): boolean =>
  Object.keys(answers).sort().join() === present.join()

export function conclude({ stages, failures, timeline }: Visited): Outcome {
  const answered = stages.reduce((sum, { answers }) => sum + total(answers), 0)
  return {
    holds: failures.length === 0 && answered > 0 && stages.every(isShared),
    facts: { stages, failures, timeline: timeline.slots(BARS) },
    svg: stackedSvg('Connections to each replica', 'in a second', timeline.slots(SVG_BARS)),
    print: ({ print, printTable, printWrapped }) => {
      const marks = stages.map(({ step, atMs }) => ({ atMs, text: step }))
      print(stackedBars(timeline.slots(BARS), BAR_COLUMNS, marks).join('\n'))
      print()
      printTable([['AFTER', 'ANSWERED', ...NAMES], ...stages.map(rowOf)])
      print()
      printWrapped(
        `${count(timeline.count)} connections were answered. Failed: ${failures.length === 0 ? 'none' : `${failures.length}, the first with ${failures[0]}`}.`,
      )
    },
  }
}

const rowOf = ({ step, answers }: Stage): string[] => [
  step,
  count(total(answers)),
  ...NAMES.map(name =>
    answers[name] === undefined ? '-' : `${((answers[name] / total(answers)) * 100).toFixed(0)} %`,
  ),
]

const total = (answers: Readonly<Record<string, number>>): number =>
  Object.values(answers).reduce((sum, n) => sum + n, 0)
