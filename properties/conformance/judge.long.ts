/** Judges the traffic of hundreds of simulated networks. `judge.test.ts` judges that of a few. */
import { expect, test } from 'vitest'
import { judgeRestarts, judgeRuns } from './testing/runs.ts'

test.each([
  ['none', 60, 2],
  ['harsh', 150, 3],
] as const)('simulated traffic with %s faults holds', (faults, runs, hosts) => {
  expect(judgeRuns(faults, runs, hosts)).toBeGreaterThan(2 * runs)
})

test('a restarted host answers for forgotten flows, or is silent', () => {
  expect(judgeRestarts(0, 250)).toBeGreaterThan(20)
})
