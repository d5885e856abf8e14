import { expect, test } from 'vitest'
import type { Directory, Listed } from '../../impl/controller/index.ts'
import { flowsOf, headOf, rowsOf, tableOf } from './overview.ts'

const one = (service: string, last: number, more: Partial<Listed> = {}): Listed => ({
  ...{ service, id: service, address: `192.0.2.${last}:54325`, priority: 100, weight: 1 },
  ...{ leaseMs: 20_400, flows: 5, ...more },
})

test('shares are parts of the highest priority, by weight, and those that are out have none', () => {
  const instances = [
    one('acme/db', 5, { priority: 7 }),
    one('acme/web', 1, { weight: 3 }),
    one('acme/web', 2),
    one('acme/web', 3, { priority: 99 }),
    one('acme/web', 4, { priority: 200, weight: 0, out: 'evicted' }),
  ]
  expect(rowsOf(instances, { below: 'acme' }).map(({ share }) => share)).toEqual([1, 0.75, 0.25, 0, 0])
})

test('the table shows how the flows change, and why an instance gets none', () => {
  const rows = rowsOf(
    [
      one('acme/web', 1),
      one('acme/web', 2, { flows: null }),
      one('acme/web', 3, { weight: 0, out: 'ejected' }),
      one('acme/web', 4, { isFailing: true, leaseMs: 86_399_000 }),
    ],
    {},
  )
  const before = new Map([...flowsOf(rows)].map(([key], i) => [key, [2, 0, 7, 5][i] as number]))
  expect(tableOf(rows, before)).toEqual([
    ['SERVICE', 'ADDRESS', 'SHARE', 'FLOWS', 'CHANGE', 'LEASE', 'STATE'],
    ['acme/web', '192.0.2.1:54325', '33 %', '5', '+3', '20 s', ''],
    ['acme/web', '192.0.2.2:54325', '33 %', '', '', '20 s', ''],
    ['acme/web', '192.0.2.3:54325', '0 %', '5', '-2', '20 s', 'ejected'],
    ['acme/web', '192.0.2.4:54325', '33 %', '5', '', '24 h', 'failing, serves'],
  ])
})

test('each of two instances at one address shows its own change', () => {
  const rows = rowsOf([one('acme/web', 1, { number: 1 }), one('acme/web', 1, { number: 2, flows: 9 })], {})
  expect(rows.map(({ number }) => number)).toEqual([1, 2])
  const before = flowsOf(rows.map(row => ({ ...row, flows: 4 })))
  expect(tableOf(rows, before).map(row => row[4])).toEqual(['CHANGE', '+1', '+5'])
})

test('the head names the fault of the registry, routers, events and failures, and does without a summary', () => {
  const directory: Directory = {
    instances: [one('acme/web', 1)],
    trouble: 'it does not answer',
    summary: undefined,
  }
  const summary = {
    ...{ registry: 'memory', hosts: 3, routers: 2, routersAt: ['192.0.2.9:1'] },
    ...{ failures: ['acme/bad/*: it has ended with 3'], events: { stale: 0, expired: 4 } },
  }
  expect(headOf('192.0.2.8:1', directory)).toEqual([
    'controller at 192.0.2.8:1, registry: it does not answer',
    '1 service, 1 instance, 5 flows',
  ])
  expect(headOf('192.0.2.8:1', { ...directory, trouble: '', summary })).toEqual([
    'controller at 192.0.2.8:1, registry memory: ok',
    '1 service, 1 instance, 5 flows',
    '3 hosts, 2 routers among them: 192.0.2.9:1, ...',
    'events: expired 4',
    'not started: acme/bad/*: it has ended with 3',
  ])
})
