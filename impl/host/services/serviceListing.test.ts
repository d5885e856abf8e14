import { expect, test } from 'vitest'
import { listenedPrefixOf, servicePrefixOf } from './serviceId.ts'
import { listServices } from './serviceListing.ts'
import { LISTEN_PRIORITY, LISTEN_WEIGHT, ServiceTable, type Target } from './serviceTable.ts'

const printTarget = (target: Target<string>): string =>
  target.kind === 'demux'
    ? `demux ${target.listener}`
    : target.kind === 'forward'
      ? `forward ${target.address}`
      : target.kind

test('lists rules in columns', () => {
  const table = new ServiceTable<string>()
  table.add(servicePrefixOf('*'), { kind: 'forward', address: 7 }, 1, 1)
  table.add(servicePrefixOf('acme'), { kind: 'forward', address: 12 }, 100, 0)
  table.add(listenedPrefixOf('Acme/echo'), { kind: 'demux', listener: 'one' }, LISTEN_PRIORITY, LISTEN_WEIGHT)
  for (let i = 0; i < 12; i++) table.resolve(listenedPrefixOf('acme').id, 0, 0, 100, 0)
  table.countDrop()
  expect(listServices(table.rules(), printTarget)).toEqual([
    'SERVICE    BITS  PRIORITY    WEIGHT  PACKETS  BYTES  DROPS  TARGET',
    'acme/echo   256     32000      1024        0      0      0  demux one',
    'acme/*       32       100  draining        0      0      0  forward 12',
    '*             0         1         1       12   1200      1  forward 7',
  ])
})

test('an empty table prints its heading', () => {
  expect(listServices([], printTarget)).toEqual([
    'SERVICE  BITS  PRIORITY  WEIGHT  PACKETS  BYTES  DROPS  TARGET',
  ])
})
