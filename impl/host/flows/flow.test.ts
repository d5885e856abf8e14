import { expect, test } from 'vitest'
import { DatagramTransport } from '../../transport/datagram.ts'
import { Flow } from './flow.ts'

const waitOf = (id: number, nonceLow: number): number => {
  const flow = new Flow({
    id,
    slot: 0,
    service: new Uint8Array(32),
    transport: new DatagramTransport(),
    nonce: { high: 1, low: nonceLow },
    waker: { wake: () => {}, isCrowded: false },
  })
  flow.retransmission.sent(0)
  return flow.retransmission.waitMs
}

test('the waits before a retransmission differ from flow to flow, and reveal nothing of a nonce', () => {
  expect(waitOf(1, 1)).not.toBe(waitOf(2, 1))
  expect(waitOf(1, 1)).toBe(waitOf(1, 2))
})
