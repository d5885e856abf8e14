import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import type { Action, Plan } from './plan.ts'
import { runSeries } from './series.ts'
import { simulate } from './simulate.ts'

const withAttacks = (...attacks: readonly Action[]): Plan => ({
  ...{ format: 1, seed: 1, hosts: 2, addresses: 1, latencyMs: 10, tries: 15, calmMs: 10_000 },
  faults: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
  actions: [
    ...attacks.filter(({ atMs }) => atMs === 0),
    { atMs: 10, do: 'connect', flow: 0, host: 0, from: 0, to: 1, via: 0, protocol: 'stream' },
    { atMs: 90, do: 'write', flow: 0, end: 'client', bytes: 50_000 },
    { atMs: 90, do: 'write', flow: 0, end: 'server', bytes: 70_000 },
    ...attacks.filter(({ atMs }) => atMs > 0),
  ],
})
const attack = (atMs: number, host: number, kind: 'flood' | 'forge'): Action => ({
  ...{ atMs, do: 'attack', host, address: 0, kind, packets: 1000, seed: 7 },
})

test('a flood of SYNs keeps no client out', () => {
  const plan = withAttacks(attack(0, 1, 'flood'))
  expect(simulate(plan)).toMatchObject({ verdict: 'holds', flows: 1, excused: 0, heard: 120_000 })
})

test('forged packets for a live flow, from its peer and from others, change nothing', () => {
  const plan = withAttacks(
    ...[100, 110, 130].flatMap(atMs => [0, 1].map(host => attack(atMs, host, 'forge'))),
  )
  expect(simulate(plan)).toMatchObject({ verdict: 'holds', flows: 1, excused: 0, heard: 120_000 })
})

test('the simulator finds a stack that believes any nonce', () => {
  const plan = withAttacks(attack(100, 0, 'forge'), attack(100, 1, 'forge'))
  expect(simulate({ ...plan, defect: 'T11' }).verdict).toBe('violated')
})

test('attacks together with other faults violate no property', SLOW, async () => {
  const { failure } = await runSeries({ seed: 1, runs: 40, hosts: 3, faults: 'mild', attacks: true })
  expect(failure?.simulation.findings).toBeUndefined()
})
