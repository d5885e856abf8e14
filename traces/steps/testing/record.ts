/** Records the step logs of simulated hosts, one log for each life of each host. */
import { must } from '../../../checker/text/at.ts'
import type { Flow } from '../../../impl/host/flows/flow.ts'
import { StepLog } from '../../../impl/host/stepLog.ts'
import type { FaultLevel } from '../../../properties/simulator/faults/levels.ts'
import { generatePlan } from '../../../properties/simulator/generate.ts'
import { simulate } from '../../../properties/simulator/simulate.ts'

/** Simulates a run and returns its logs. Calls `spoil` after each step. */
export function recordSteps(
  seed: number,
  faults: FaultLevel,
  { mostCharacters, spoil }: { mostCharacters?: number; spoil?: (flow: Flow) => void } = {},
): string[] {
  const texts: string[][] = []
  const logs: StepLog[] = []
  simulate(generatePlan({ seed, hosts: 3, faults }), {
    started: (_, host, now) => {
      const lines: string[] = []
      const log = new StepLog(line => lines.push(line), now, mostCharacters)
      const { observer } = host
      host.observer = (...step) => {
        observer?.(...step)
        log.observer(...step)
        spoil?.(step[0])
      }
      texts.push(lines)
      logs.push(log)
    },
  })
  for (const log of logs) log.close()
  return texts.map(lines => lines.join(''))
}

/** Returns the log with one line changed, or removed if `change` returns undefined, and the count in its end corrected. */
export function withLine(text: string, at: number, change: (line: Json) => Json | undefined): string {
  const lines = text.trimEnd().split('\n')
  const changed = change(JSON.parse(must(lines[at])))
  lines.splice(at, 1, ...(changed === undefined ? [] : [JSON.stringify(changed)]))
  const end = JSON.stringify({ end: 'closed', lines: lines.length - 1 })
  return `${[...lines.slice(0, -1), end].join('\n')}\n`
}

// biome-ignore lint/suspicious/noExplicitAny: any JSON
export type Json = any
