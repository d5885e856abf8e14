/** A thousand runs of the service plane hold, and as many find each planted defect. */
import { expect, test } from 'vitest'
import { planeDefects } from './defects.ts'
import { generatePlanePlan } from './generate.ts'
import { simulatePlane } from './simulate.ts'

const RUNS = 1000
/** Runs with all faults take about 0.3 s each on a free core; all tests took 41 minutes on two busy ones. */
const LIMIT = { timeout: 3_600_000 }

test(`${RUNS} runs hold`, LIMIT, async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { findings } = await simulatePlane(generatePlanePlan({ seed }), true)
    expect([seed, findings]).toEqual([seed, []])
  }
})

test.for(planeDefects)('$id is found', LIMIT, async ({ id, breaks }) => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { findings } = await simulatePlane(generatePlanePlan({ seed, defect: id }), true)
    if (findings.length === 0) continue
    expect(breaks).toContain(findings[0]?.rule)
    return
  }
  expect.fail(`no run shows ${id}`)
})
