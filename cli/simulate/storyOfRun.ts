/** A recorded run as a story that the studio draws. */
import { printAddress } from '../../impl/link/address.ts'
import type { Finding } from '../../properties/simulator/findings.ts'
import type { Action, Plan } from '../../properties/simulator/plan.ts'
import { BROADCAST } from '../../properties/simulator/plane.ts'
import {
  ANNOUNCEMENTS,
  type Recorded,
  type RecordedPacket,
  type RecordedStep,
  type Recording,
} from '../../properties/simulator/recording.ts'
import { RULES, type RuleName } from '../../properties/simulator/rules.ts'
import { hostAt } from '../../properties/simulator/station.ts'
import type { Packet, Story, StoryStep, Verdict } from '../../studio/trace/story.ts'
import { count } from '../screen.ts'

/** Rows of one diagram: a page with more takes seconds to open. Of longer runs the middle is left out. */
const MOST_ROWS = 4000

/** Only what these actions lead to depends on what hosts announce to the rendezvous. */
const MOVES: ReadonlySet<Action['do']> = new Set(['move', 'uproot'])

type Row = Omit<StoryStep, 'index'>

/** Returns the story of a run, with the finding that came first as its last step. */
export function storyOfRun(title: string, plan: Plan, { rows, simulation }: Recording): Story {
  const name = (station: number): string =>
    station < plan.hosts ? `host ${station}` : `router ${station - plan.hosts}`
  const [finding] = simulation.findings
  const hasMoves = plan.actions.some(({ do: act }) => MOVES.has(act))
  const told = rows.filter(row => hasMoves || row.what !== 'packet' || !ANNOUNCEMENTS.has(row.kind))
  const all = [
    ...shortened(told).map(row => (typeof row === 'number' ? gap(row) : rowOf(row, name))),
    ...(finding === undefined ? [] : [findingRow(finding)]),
  ]
  const steps = all.map((row, at): StoryStep => ({ index: at + 1, ...row }))
  const busy = new Set(steps.flatMap(({ host, packet }) => [host, packet?.from, packet?.to]))
  const stations = Array.from({ length: plan.hosts + (plan.routers ?? 0) }, (_, station) => name(station))
  const verdict: Verdict = finding
    ? { outcome: 'violated', property: finding.rule, sentence: RULES[finding.rule], step: steps.length }
    : { outcome: 'holds' }
  return { title, hosts: stations.filter(station => busy.has(station)), initial: [], steps, verdict }
}

/** The first and the last rows, and how many were left out in between. */
function shortened(rows: readonly Recorded[]): readonly (Recorded | number)[] {
  const leftOut = rows.length - MOST_ROWS
  if (leftOut <= 0) return rows
  return [...rows.slice(0, MOST_ROWS / 2), leftOut, ...rows.slice(-MOST_ROWS / 2)]
}

const NOTHING = { host: '', event: '', changes: [], fired: [] } as const

const gap = (leftOut: number): Row => ({ ...NOTHING, rule: `${count(leftOut)} rows are left out` })

const findingRow = ({ rule, atMs, what }: Finding<RuleName>): Row => ({
  ...NOTHING,
  rule: `${time(atMs)} violates ${rule}`,
  note: what,
})

type Name = (station: number) => string

function rowOf(row: Recorded, name: Name): Row {
  switch (row.what) {
    case 'action':
      return actionRow(row.action, row.atMs, name)
    case 'step':
      return stepRow(row, name)
    case 'packet':
      return packetRow(row, name)
  }
}

function actionRow({ atMs: _, do: act, ...parts }: Action, atMs: number, name: Name): Row {
  const text = Object.entries(parts).map(([key, value]) => `${key} ${value}`)
  return {
    ...NOTHING,
    rule: `${time(atMs)} ${act}`,
    host: 'host' in parts ? name(parts.host) : '',
    event: text.join(', '),
    note: 'an action of the plan',
  }
}

const stepRow = ({ atMs, host, flow, event, fired, changes }: RecordedStep, name: Name): Row => ({
  rule: `${time(atMs)} ${[event, ...changes.map(({ after }) => after)].join(' → ')}`,
  host: name(host),
  event: `flow ${flow.toString(16)}`,
  changes,
  fired,
})

function packetRow(row: RecordedPacket, name: Name): Row {
  const { atMs, host, from, to, kind, bytes, fields, arrivals } = row
  const packet: Packet = {
    kind,
    from: name(host),
    to: arrivals[0] ? name(arrivals[0].host) : to === BROADCAST ? 'all hosts' : name(hostAt(to)),
    fields: { ...fields, bytes, source: printAddress(from), destination: printAddress(to) },
    lost: arrivals.length === 0,
  }
  const times = arrivals.map(arrival => `${time(arrival.atMs)} at ${name(arrival.host)}`)
  return {
    ...NOTHING,
    rule: `${time(atMs)} ${kind}`,
    packet,
    note: times.length === 0 ? 'It never arrives unchanged.' : `It arrives: ${times.join(', ')}.`,
  }
}

const time = (ms: number): string => `${(ms / 1000).toFixed(3)} s`
