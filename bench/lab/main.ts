/**
 * `npm run lab`: downloads in networks of Linux namespaces while something goes wrong, with real processes, and prints for each fault
 * the longest gap and what was lost. Then compares connections over several flows with the kernel's MPTCP and TCP. Draws each run in
 * `out/lab`. `npm run lab -- dead-path two-paths` runs some. Needs root, `ip`, `nft`; for delays and comparisons, `socat`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printTable } from '../../cli/screen.ts'
import { namespacesForTests } from '../../cli/testing/namespaces.ts'
import { compare } from './flows/compare.ts'
import { COMPARISONS } from './flows/comparisons.ts'
import { comparisonPicture } from './flows/picture.ts'
import { COLUMNS, rowsOf } from './flows/table.ts'
import { MEETINGS, meet } from './meeting.ts'
import { picture } from './picture.ts'
import { hasSocat, type Result, run } from './run.ts'
import { SCENARIOS } from './scenarios.ts'

const FOLDER = join('out', 'lab')

const outcomeOf = ({ isWhole, events }: Result): string =>
  isWhole ? 'nothing' : `the connection: ${events.at(-1)?.event ?? 'no error'}`

/** Runs the chosen faults, and returns their rows. */
async function runFaults(names: readonly string[]): Promise<string[][]> {
  const rows: string[][] = []
  for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
    const result = await run(scenario, true)
    writeFileSync(join(FOLDER, `${scenario.name}.svg`), picture(result))
    rows.push([scenario.name, scenario.fault, `${result.gapMs} ms`, outcomeOf(result)])
    console.error(`${scenario.name}: longest gap ${result.gapMs} ms, lost: ${outcomeOf(result)}`)
  }
  return rows
}

/** Runs the chosen comparisons, and returns their rows. */
async function runComparisons(names: readonly string[]): Promise<string[][]> {
  const rows: string[][] = []
  for (const comparison of COMPARISONS.filter(({ name }) => names.includes(name))) {
    const downloads = await compare(comparison)
    writeFileSync(join(FOLDER, `${comparison.name}.svg`), comparisonPicture(comparison, downloads))
    rows.push(...rowsOf(comparison, downloads))
    console.error(`${comparison.name}: done`)
  }
  return rows
}

/** Runs the chosen meetings of two hosts behind routers, and returns their rows. */
async function runMeetings(names: readonly string[]): Promise<string[][]> {
  const rows: string[][] = []
  for (const [name, { ports, what }] of Object.entries(MEETINGS)) {
    if (!names.includes(name)) continue
    const { isWhole, directMs, gapMs } = await meet(ports)
    const path = directMs === undefined ? 'the relay' : `direct after ${directMs} ms`
    rows.push([name, what, path, `${gapMs} ms`, isWhole ? 'nothing' : 'the connection'])
    console.error(`${name}: ${path}, longest gap ${gapMs} ms`)
  }
  return rows
}

async function main(chosen: readonly string[]): Promise<number> {
  const all = [...[...SCENARIOS, ...COMPARISONS].map(({ name }) => name), ...Object.keys(MEETINGS)]
  const unknown = chosen.find(name => !all.includes(name))
  if (unknown !== undefined) {
    console.error(`no run is called ${unknown}; there are ${all.join(', ')}`)
    return 2
  }
  if (!namespacesForTests()) return 1
  const names = chosen.length > 0 ? chosen : all
  if (!hasSocat())
    console.error(
      'socat is not installed: the lab runs no comparison, and faults without delay, loss and reordering',
    )
  mkdirSync(FOLDER, { recursive: true })
  const faults = await runFaults(names)
  const meetings = await runMeetings(names)
  const comparisons = hasSocat() ? await runComparisons(names) : []
  if (faults.length > 0) printTable([['run', 'fault', 'gap', 'lost'], ...faults])
  if (meetings.length > 0) printTable([['run', 'hosts', 'path', 'gap', 'lost'], ...meetings])
  if (comparisons.length > 0) printTable([COLUMNS, ...comparisons])
  return 0
}

process.exitCode = await main(process.argv.slice(2))
