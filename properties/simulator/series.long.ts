/** Thousands of small networks. `simulate.test.ts` runs a small sample of them. */
import { describe, expect, test } from 'vitest'
import { LongRun } from '../../checker/testing/longRun.ts'
import { must } from '../../checker/text/at.ts'
import { stackDefects } from './defects.ts'
import { encodePlan } from './encode.ts'
import { FAULT_LEVELS } from './faults/levels.ts'
import { runSeries } from './series.ts'

/** All take about 9 minutes on one core. */
const NETWORKS = [
  { hosts: 2, routers: 0, instances: 1, runs: 5000 },
  { hosts: 4, routers: 0, instances: 3, runs: 2000 },
  { hosts: 3, routers: 1, instances: 1, runs: 1000 },
  { hosts: 4, routers: 2, instances: 3, runs: 1000 },
].flatMap(network => FAULT_LEVELS.map(faults => ({ ...network, faults, flows: false })))

/** Connections with several flows: most with all faults. */
const FLOWS = FAULT_LEVELS.map(faults => ({
  ...{ hosts: 3, routers: 0, instances: 1, faults, flows: true },
  runs: faults === 'all' || faults === 'harsh' ? 10_000 : 2000,
}))

describe('the simulator', () => {
  test.each(stackDefects)('finds $id within 300 runs', async ({ id, breaks, shownBy = { hosts: 2 } }) => {
    const { failure } = await runSeries({ seed: 1, runs: 300, faults: 'mild', defect: id, ...shownBy })
    expect(breaks).toContain(must(must(failure).simulation.findings[0]).rule)
  })

  // The fault decides whether its defect shows.
  test.each(
    stackDefects.filter(({ shownBy }) => shownBy?.faults !== undefined),
  )('finds $id with its fault, and misses it without', async ({ id, shownBy }) => {
    const of = { seed: 1, runs: 1000, ...must(shownBy), faults: must(shownBy?.faults), defect: id }
    const run = new LongRun(`${id} without its fault`, of.runs)
    expect((await runSeries(of)).failure).toBeDefined()
    const { failure } = await runSeries({
      ...of,
      faults: 'mild',
      flows: false,
      progress: done => run.at(done.runs),
    })
    run.over({ violated: failure === undefined ? 0 : 1 })
    expect(failure).toBeUndefined()
  })
})

describe('small networks', () => {
  test.each([
    ...NETWORKS,
    ...FLOWS,
  ])('$hosts hosts, $routers routers, $faults faults, several flows: $flows, $runs runs', async network => {
    const { hosts, routers, faults } = network
    const several = network.flows ? ', several flows' : ''
    const run = new LongRun(`${hosts} hosts, ${routers} routers, ${faults} faults${several}`, network.runs)
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
