import { expect, test } from 'vitest'
import type { Plan } from './plan.ts'
import { type RecordedPacket, recordPlan } from './recording.ts'
import { simulate } from './simulate.ts'

/** The path is cut until 5 s: the first three SYNs are lost. */
const plan: Plan = {
  ...{ format: 1, seed: 1, hosts: 2, addresses: 1, latencyMs: 10, tries: 15, calmMs: 5000 },
  faults: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
  actions: [
    { atMs: 0, do: 'cut', host: 0, to: 1 },
    { atMs: 0, do: 'connect', flow: 0, host: 0, from: 0, to: 1, via: 0, protocol: 'stream' },
  ],
}

test('recording does not change a run, and tells equal packets apart', () => {
  const { simulation, rows } = recordPlan(plan)
  expect(simulation).toEqual(simulate(plan))
  expect(rows.slice(0, 3).map(row => [row.atMs, row.what])).toEqual([
    [0, 'action'],
    [0, 'action'],
    [0, 'step'],
  ])
  const syns = rows.filter((row): row is RecordedPacket => row.what === 'packet' && row.kind === 'SYN')
  expect(syns.map(({ arrivals }) => arrivals.length)).toEqual([0, 0, 0, 1])
  const [first, second, third, last] = syns.map(({ atMs }) => atMs) as [number, number, number, number]
  expect(syns[3]?.arrivals).toEqual([{ host: 1, atMs: last + 10 }])
  // Each wait is longer by up to a half.
  for (const [waited, least] of [
    [second - first, 1000],
    [third - second, 2000],
    [last - third, 4000],
  ] as const)
    expect([waited >= least, waited <= 1.5 * least]).toEqual([true, true])
  expect(rows.find(({ what }) => what === 'step')).toMatchObject({
    ...{ host: 0, event: 'CONNECT' },
    changes: [{ before: 'INIT', after: 'REQUEST' }],
  })
})
