/** Large worlds behind four routers. `simulate.test.ts` runs a small sample of them. */
import { describe, expect, test } from 'vitest'
import { LongRun } from '../../checker/testing/longRun.ts'
import { encodePlan } from './encode.ts'
import { FAULT_LEVELS } from './faults/levels.ts'
import { runSeries } from './series.ts'

const ROUTERS = 4
/** A run takes from 0.15 s with 16 hosts to 1.3 s with 64, so that all take about 10 minutes on one core. */
const WORLDS = [
  { hosts: 16, instances: 6, runs: 300 },
  { hosts: 32, instances: 1, runs: 100 },
  { hosts: 32, instances: 8, runs: 100 },
  { hosts: 64, instances: 12, runs: 50 },
].flatMap(world => FAULT_LEVELS.map(faults => ({ ...world, faults })))

describe('large worlds', () => {
  test.each(WORLDS)('$hosts hosts, $instances instances, $faults faults: $runs runs', async world => {
    const { hosts, instances, faults } = world
    const run = new LongRun(`${hosts} hosts, ${instances} instances, ${faults} faults`, world.runs)
    const { failure, runs, flows, excused } = await runSeries({
      ...{ seed: 1, routers: ROUTERS, ...world },
      progress: done => run.at(done.runs),
    })
    run.over({ runs, flows, excused, violated: failure === undefined ? 0 : 1 })
    expect(failure && [failure.simulation.findings, encodePlan(failure.plan)]).toBeUndefined()
    expect(runs).toBe(world.runs)
    expect(excused / flows).toBeLessThan(0.65)
  })
})
