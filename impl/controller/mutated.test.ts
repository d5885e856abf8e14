/** Mutated lines and records stop nothing that runs and delay nobody. `mutated.long.ts` has a million of each. */
import { expect, test } from 'vitest'
import { faults as socketFaults } from '../admin/adminSocket.ts'
import { faults as lineFaults } from './controllerLine.ts'
import { ledgerFaults } from './ledger.ts'
import { peerFaults } from './peer.ts'
import { feedAdminSocket, feedController, feedHost, feedRegistry, feedRouter } from './testing/feeds.ts'

/** Other tests of this process cause faults. */
const faults = () => [peerFaults, lineFaults, ledgerFaults, socketFaults].map(({ count }) => count)

test.for([
  ['a controller', feedController, 2000],
  ['a host', feedHost, 2000],
  ['a router', feedRouter, 2000],
  ['an admin socket', feedAdminSocket, 2000],
  ['a registry', feedRegistry, 2000],
] as const)('%s goes on after mutated input', async ([, feed, count]) => {
  const before = faults()
  const { counted, served } = await feed(count, 7)
  expect(counted).toBeGreaterThan(count / 4)
  expect(counted).toBeLessThanOrEqual(count)
  expect(served).toBeGreaterThan(1)
  expect(faults()).toEqual(before)
})
