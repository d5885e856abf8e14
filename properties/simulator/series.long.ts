/** Thousands of small networks. `simulate.test.ts` runs a small sample of them. */
import { describe, expect, test } from 'vitest'
import { LongRun } from '../../checker/testing/longRun.ts'
import { encodePlan } from './encode.ts'
import { FAULT_LEVELS } from './generate.ts'
import { runSeries } from './series.ts'

/** All take about 5 minutes on one core. */
const NETWORKS = [
  { hosts: 2, routers: 0, instances: 1, runs: 5000 },
  { hosts: 4, routers: 0, instances: 3, runs: 2000 },
  { hosts: 3, routers: 1, instances: 1, runs: 1000 },
  { hosts: 4, routers: 2, instances: 3, runs: 1000 },
].flatMap(network => FAULT_LEVELS.map(faults => ({ ...network, faults })))

describe('small networks', () => {
  test.each(NETWORKS)('$hosts hosts, $routers routers, $faults faults: $runs runs', async network => {
    const { hosts, routers, faults } = network
    const run = new LongRun(`${hosts} hosts, ${routers} routers, ${faults} faults`, network.runs)
    const { failure, runs, flows, excused } = await runSeries({
      ...{ seed: 1, ...network },
      progress: done => run.at(done.runs),
    })
    run.over({ runs, flows, excused, violated: failure === undefined ? 0 : 1 })
    expect(failure && [failure.simulation.findings, encodePlan(failure.plan)]).toBeUndefined()
    expect(runs).toBe(network.runs)
    expect(excused / flows).toBeLessThan(0.6)
  })

  test('take most transitions that a host takes for a packet, a timer or an act', async () => {
    const { missed } = await runSeries({ seed: 50_000, runs: 1300, hosts: 3, faults: 'harsh' })
    // A listening socket, what is gone, and what data may do are decided without an observer.
    const unseen = /^connection\.(INIT LISTEN|LISTEN|CLOSED|\w+ SEND)/
    expect(missed.filter(id => !unseen.test(id)).length).toBeLessThan(20)
  })
})
