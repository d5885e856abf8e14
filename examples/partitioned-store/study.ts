/** A key-value store whose keys are spread over servers, one of which leaves. docs/case-studies.md shows what it prints. */
import { count } from '../../checker/text/count.ts'
import type { CaseStudy, Outcome } from '../caseStudy.ts'
import { stackedSvg } from '../pictures/svg.ts'
import { stackedBars } from '../pictures/text.ts'
import { Plane } from '../plane.ts'
import { StoreClient } from './client.ts'
import { NAMES, type Stage, Watch, type Watched } from './watch.ts'

const NETWORK = '127.0.40'
const BARS = 16
const BAR_COLUMNS = 60
const SVG_BARS = 80

export const partitionedStore: CaseStudy<'keys' | 'clients'> = {
  name: 'partitioned-store',
  summary: 'when a server leaves, another answers for its keys; clients need no notice',
  claim:
    'Another server answers for the keys of the one that leaves, all other keys stay, and no request fails.',
  choices: {
    keys: { what: 'keys', default: 400, min: 64, max: 1_000_000 },
    clients: { what: 'how many are asked for at once', default: 8, min: 1, max: 1000 },
  },
  async run({ keys, clients }, progress) {
    await using plane = await Plane.open(NETWORK)
    await using stack = await plane.client(`${NETWORK}.3`)
    const watch = new Watch(new StoreClient(stack), keys, clients)
    return conclude(await watch.run(plane, NETWORK, progress))
  },
}

/** The expected servers of each key: only b's keys move, and they return when b is back. */
const successor: Readonly<Record<string, string>> = { a: 'a', b: 'a', c: 'c', d: 'd' }

function isMovedRightly(stages: readonly Stage[]): boolean {
  const [before, without, after] = stages
  const keys = Object.entries(before?.servers ?? {})
  return (
    NAMES.every(name => keys.some(([, server]) => server === name)) &&
    keys.every(
      ([key, server]) => without?.servers[key] === successor[server] && after?.servers[key] === server,
    )
  )
}

export function conclude({ stages, failures, timeline }: Watched): Outcome {
  return {
    holds: failures.length === 0 && isMovedRightly(stages),
    facts: { stages, failures, timeline: timeline.slots(BARS) },
    svg: stackedSvg('Requests to each server', 'in a second', timeline.slots(SVG_BARS)),
    print: ({ print, printTable, printWrapped }) => {
      const marks = stages.map(({ step, atMs }) => ({ atMs, text: step }))
      print(stackedBars(timeline.slots(BARS), BAR_COLUMNS, marks).join('\n'))
      print()
      printTable([['KEYS WHEN', ...NAMES, 'MOVED', 'FETCHED ANEW'], ...stages.map(rowOf)])
      print()
      printWrapped(
        `${count(timeline.count)} requests were answered. Failed: ${failures.length === 0 ? 'none' : `${failures.length}, the first with ${failures[0]}`}.`,
      )
    },
  }
}

function rowOf({ step, servers, fetched }: Stage, index: number, stages: readonly Stage[]): string[] {
  const before = stages[index - 1]?.servers
  const moved = before && Object.keys(servers).filter(key => servers[key] !== before[key]).length
  const numberOf = (name: string): number => Object.values(servers).filter(server => server === name).length
  return [
    step,
    ...NAMES.map(name => count(numberOf(name) || 0)),
    moved === undefined ? '' : count(moved),
    count(fetched),
  ]
}
