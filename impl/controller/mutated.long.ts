/** Mutated lines and records end nothing that runs, and stall nobody. A million of each. */
import { expect, test } from 'vitest'
import { faults as socketFaults } from '../admin/adminSocket.ts'
import { faults as lineFaults } from './controllerLine.ts'
import { ledgerFaults } from './ledger.ts'
import { peerFaults } from './peer.ts'
import { feedController, feedControlSocket, feedHost, feedRegistry } from './testing/feeds.ts'

const faults = () => [peerFaults, lineFaults, ledgerFaults, socketFaults].map(({ count }) => count)

test.for([
  ['a controller', feedController, 1_000_000],
  ['a host', feedHost, 1_000_000],
  ['a control socket', feedControlSocket, 1_000_000],
  ['a registry', feedRegistry, 1_000_000],
] as const)('%s goes on after mutated input', async ([, feed, count]) => {
  const used = await feed(count, 7)
  expect(used).toBeGreaterThan(count / 4)
  expect(used).toBeLessThanOrEqual(count)
  expect(faults()).toEqual([0, 0, 0, 0])
})
