/** A service that starts on demand. docs/case-studies.md shows the output. */
import { fileURLToPath } from 'node:url'
import { plural } from '../../checker/text/count.ts'
import type { CaseStudy, Outcome } from '../caseStudy.ts'
import { stackedSvg } from '../pictures/svg.ts'
import { bars } from '../pictures/text.ts'
import { Plane } from '../plane.ts'
import { type Answered, type Asked, askInRounds, SERVICE } from './ask.ts'

const NETWORK = '127.0.30'
const SLOTS = 60

export const onDemand: CaseStudy<'rounds' | 'clients' | 'idleMs'> = {
  name: 'on-demand',
  summary: 'a service runs only while clients use it',
  claim:
    'Every client is answered, although no instance runs when it asks; one instance starts, not one per client.',
  choices: {
    rounds: { what: 'how often it starts', default: 2, min: 1, max: 1000 },
    clients: { what: 'clients that ask at once when there is none', default: 4, min: 1, max: 1000 },
    idleMs: {
      what: 'an instance ends when nobody has asked for so long',
      default: 1500,
      min: 1,
      max: 600_000,
    },
  },
  async run({ idleMs, ...chosen }, progress) {
    const program = fileURLToPath(new URL('./instance.ts', import.meta.url))
    const command = `exec '${process.execPath}' '${program}' ${idleMs}`
    await using plane = await Plane.open(NETWORK, { [SERVICE]: command })
    await using client = await plane.client(`${NETWORK}.3`)
    return conclude(await askInRounds(plane.controller, client, chosen, progress))
  },
}

export function conclude({ answers, started, timeline }: Asked): Outcome {
  const answered = answers.filter(({ by }) => /^\d+$/.test(by))
  const instances = [...new Set(answered.map(({ by }) => by))]
  return {
    // Each that was started has answered, so that none was started in vain.
    holds: answers.length > 0 && answered.length === answers.length && instances.length === started,
    facts: { answers, started, timeline: timeline.slots(SLOTS) },
    svg: stackedSvg('A service that starts on demand', 'at once', timeline.slots(SLOTS)),
    print: ({ print, printTable, printWrapped }) => {
      printTable([
        ['ASKED AT', 'INSTANCES', 'WAITED', 'ANSWERED BY'],
        ...answers.map(answer => rowOf(answer, instances)),
      ])
      print()
      print(bars(timeline.slots(SLOTS)).join('\n'))
      print()
      printWrapped(
        `${answers.length} asked, ${answered.length} were answered. Started: ${plural(started, 'instance')}.`,
      )
    },
  }
}

const rowOf = ({ atMs, isCold, waitedMs, by }: Answered, instances: readonly string[]): string[] => [
  `${(atMs / 1000).toFixed(2)} s`,
  isCold ? 'none' : 'one',
  `${waitedMs.toFixed(0)} ms`,
  instances.includes(by) ? `instance ${instances.indexOf(by) + 1}, process ${by}` : by,
]
