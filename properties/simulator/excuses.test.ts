/** The judge excuses what a plan explains, and still finds a violation that looks the same. */
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import type { Action, Plan } from './plan.ts'
import { simulate } from './simulate.ts'
import type { SimulationObserver } from './simulation.ts'

const plan = (loss: number, seed: number, actions: readonly Action[], calmMs: number): Plan => ({
  ...{ format: 1, seed, hosts: 2, addresses: 1, latencyMs: 10, tries: 15, calmMs },
  faults: { loss, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
  actions: [
    { atMs: 0, do: 'connect', flow: 0, host: 0, from: 0, to: 1, via: 0, protocol: 'stream' },
    ...actions,
  ],
})
const finishes = (atMs: number): readonly Action[] => [
  { atMs, do: 'finish', flow: 0, end: 'client' },
  { atMs, do: 'finish', flow: 0, end: 'server' },
]
/** By then nearly every handshake is over, whatever was lost. One that is not excuses its flow. */
const LATER_MS = 30_000

describe('a host crashes while its application pauses, after the flow has closed', () => {
  const crashed = plan(
    0,
    1,
    [
      { atMs: 80, do: 'pause', flow: 0, end: 'server' },
      { atMs: 80, do: 'write', flow: 0, end: 'client', bytes: 5000 },
      ...finishes(100),
      { atMs: 80_000, do: 'crash', host: 1, keepsSecret: true },
    ],
    81_000,
  )

  test('the run holds if everything had arrived', () => {
    expect(simulate(crashed)).toMatchObject({ verdict: 'holds', excused: 0, heard: 5000 })
  })

  test('the judge finds a wrong byte that had arrived', () => {
    expect(simulate({ ...crashed, defect: 'T5' }).findings[0]?.rule).toBe('bytes')
  })
})

describe('a host has no address while its peer waits for its FIN', () => {
  /** In about one of fifteen runs the host loses its last address between the two FINs. */
  const outages = (gapMs: number): readonly Plan[] =>
    Array.from({ length: 100 }, (_, seed) => {
      const atMs = LATER_MS + ((seed * 37) % 3000)
      const actions: readonly Action[] = [
        { atMs: LATER_MS, do: 'write', flow: 0, end: 'client', bytes: 500 },
        { atMs: LATER_MS, do: 'write', flow: 0, end: 'server', bytes: 700 },
        ...finishes(LATER_MS),
        { atMs, do: 'vanish', host: seed % 2, address: 0, follow: false },
      ]
      return plan(0.3, seed, actions, atMs + gapMs)
    })

  test('an outage longer than the peer waits explains the error', SLOW, () => {
    const excusedIn = (gapMs: number) =>
      outages(gapMs)
        .map(each => simulate(each))
        .filter(({ excused }) => excused > 0)
    const excused = excusedIn(100_000)
    expect(excused.length).toBeGreaterThan(excusedIn(50_000).length + 2)
    expect(excused.flatMap(({ findings }) => findings)).toEqual([])
  })

  test('an end that tries too few times violates a property if the outage is shorter', () => {
    const started: SimulationObserver['started'] = (_, { limits }) => Object.assign(limits, { tries: 4 })
    const runs = outages(30_000).map(each => simulate(each, { started }))
    expect(runs.filter(({ findings }) => findings[0]?.rule === 'error').length).toBeGreaterThan(2)
  })
})

describe('a host loses an address to another one while a client asks for a service by its name', () => {
  const reassigned = (host: number): Plan => ({
    ...plan(0, 1, [{ atMs: 1, do: 'reassign', host, address: 1, to: 0 }, ...finishes(1000)], 2000),
    ...{ hosts: 3, routers: 1, addresses: 2 },
  })

  test('the judge excuses the host that offers the service: it may be about to answer from the address', () => {
    expect(simulate(reassigned(1))).toMatchObject({ verdict: 'holds', excused: 1 })
  })

  test('the judge excuses no host that offers another service', () => {
    expect(simulate(reassigned(2))).toMatchObject({ verdict: 'holds', excused: 0 })
  })
})
