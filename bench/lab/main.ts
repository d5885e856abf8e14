/**
 * `npm run lab`: downloads in networks of Linux namespaces while something goes wrong, with real processes, and prints for each fault
 * the longest gap and what was lost. Draws each run in `out/lab`. `npm run lab -- dead-path outage` runs some. Needs root, `ip`, `nft`;
 * for delays, `socat`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printTable } from '../../cli/screen.ts'
import { namespacesForTests } from '../../cli/testing/namespaces.ts'
import { picture } from './picture.ts'
import { hasSocat, type Result, run } from './run.ts'
import { SCENARIOS } from './scenarios.ts'

const FOLDER = join('out', 'lab')

const outcomeOf = ({ isWhole, events }: Result): string =>
  isWhole ? 'nothing' : `the connection: ${events.at(-1)?.event ?? 'no error'}`

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find(name => SCENARIOS.every(one => one.name !== name))
  if (unknown !== undefined) {
    console.error(`no fault is called ${unknown}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}`)
    return 2
  }
  if (!namespacesForTests()) return 1
  if (!hasSocat()) console.error('socat is not installed: the lab runs without delay, loss and reordering')
  mkdirSync(FOLDER, { recursive: true })
  const rows: string[][] = []
  for (const scenario of SCENARIOS) {
    if (names.length > 0 && !names.includes(scenario.name)) continue
    const result = await run(scenario, true)
    writeFileSync(join(FOLDER, `${scenario.name}.svg`), picture(result))
    rows.push([scenario.name, scenario.fault, `${result.gapMs} ms`, outcomeOf(result)])
    console.error(`${scenario.name}: longest gap ${result.gapMs} ms, lost: ${outcomeOf(result)}`)
  }
  printTable([['run', 'fault', 'gap', 'lost'], ...rows])
  return 0
}

process.exitCode = await main(process.argv.slice(2))
