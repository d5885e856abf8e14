/** Mutated lines and records, a million of each, stop nothing that runs and delay nobody. */
import { expect, test } from 'vitest'
import { LongRun } from '../../checker/testing/longRun.ts'
import { faults as socketFaults } from '../admin/adminSocket.ts'
import { faults as lineFaults } from './controllerLine.ts'
import { ledgerFaults } from './ledger.ts'
import { peerFaults } from './peer.ts'
import { feedAdminSocket, feedController, feedHost, feedRegistry, feedRouter } from './testing/feeds.ts'

const COUNT = 1_000_000

const faults = () => [peerFaults, lineFaults, ledgerFaults, socketFaults].map(({ count }) => count)
const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b)

test.for([
  ['a controller', feedController],
  ['a host', feedHost],
  ['a router', feedRouter],
  ['an admin socket', feedAdminSocket],
  ['a registry', feedRegistry],
] as const)('%s goes on after mutated input', async ([name, feed]) => {
  const run = new LongRun(name, COUNT)
  const before = faults()
  const { counted, served, longestMs } = await feed(COUNT, 7, run.at)
  run.over({
    counted,
    faults: sum(faults()) - sum(before),
    'honest peer served': served,
    'longest wait, ms': longestMs,
  })
  expect(counted).toBeGreaterThan(COUNT / 4)
  expect(counted).toBeLessThanOrEqual(COUNT)
  expect(faults()).toEqual(before)
})
