/** For tests: judges the traffic of simulated hosts. */
import { expect } from 'vitest'
import type { FaultLevel } from '../../simulator/faults/levels.ts'
import { generatePlan } from '../../simulator/generate.ts'
import { judge, record, recordPlan } from './record.ts'

/** Expects that the traffic of each host holds in runs without restarts. Returns the number of flows. */
export function judgeRuns(faults: FaultLevel, runs: number, hosts: number): number {
  let flows = 0
  for (let seed = 0; seed < runs; seed++)
    for (const seen of record(seed, hosts, faults)) {
      const judgement = judge(seen)
      expect(judgement.contradiction, `seed ${seed}`).toBeUndefined()
      expect([judgement.verdict, judgement.restarts]).toEqual(['holds', 0])
      expect(Object.values(judgement.packets).reduce((a, b) => a + b)).toBe(seen.length)
      flows += judgement.flows
    }
  return flows
}

/** Expects no contradiction in runs in which hosts restart. Returns how many restarts the judge has recognized. */
export function judgeRestarts(first: number, end: number): number {
  let restarts = 0
  for (let seed = first; seed < end; seed++)
    for (const seen of recordPlan(generatePlan({ seed, hosts: 3, faults: 'harsh' }))) {
      const judgement = judge(seen, { isRunning: false })
      expect(judgement.contradiction, `seed ${seed}`).toBeUndefined()
      restarts += judgement.restarts
    }
  return restarts
}
