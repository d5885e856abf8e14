/** How fast a stream over several flows is. targets.long.ts has longer transfers. */
import { describe, expect, test } from 'vitest'
import { bytesAt, Reader, Writer } from '../testing/transfer.ts'
import { FAST, gapOf, rateOver, SLOW, shareOf } from './testing/downloads.ts'
import { Net } from './testing/net.ts'
import { rateOf } from './testing/transfers.ts'

const MEGABYTE = 1e6
/** What both paths give, each alone, in Mb/s. */
const SUM = [FAST, SLOW].map(way => rateOver([way], { bytes: 6 * MEGABYTE })).reduce((a, b) => a + b)

/** Sends 200 messages, one each 50 ms, over so many ways of 20 ms. Returns how many take longer than 25 ms. */
function lateOf(ways: number): number {
  const net = new Net(2)
  const way = () => net.way({ latencyMs: 20, loss: 0.1 })
  const { client, server } = net.connect(way(), { noDelay: true })
  client.scheduler = 'redundant'
  if (ways > 1) net.join(client, server, way())
  net.run(500)
  const reader = new Reader(server)
  let late = 0
  for (let i = 1; i <= 200; i++) {
    client.write(bytesAt(1000 * (i - 1), 1000))
    net.run(500 + 50 * i - 25)
    if (reader.count < 1000 * i) late++
    net.run(500 + 50 * i)
  }
  return late
}

test('two paths of 50 Mb/s, with 10 and 40 ms, give 0.9 of their sum', () => {
  expect(rateOver([FAST, SLOW], { bytes: 12 * MEGABYTE })).toBeGreaterThan(0.9 * SUM)
})

/**
 * The slow path joins while data leaves, so its slow start overflows the path while the peer's window is full: the flow must not slow
 * down for both.
 */
test('two cold paths of 50 Mb/s give 0.92 of their sum from the beginning', () => {
  const net = new Net()
  const { client, server } = net.connect(net.way(FAST), { mostWindow: 2 * MEGABYTE })
  const reader = new Reader(server)
  new Reader(client)
  new Writer(client, 12 * MEGABYTE).go()
  net.run(net.nowMs + 10)
  net.join(client, server, net.way(SLOW))
  const startMs = net.nowMs
  net.run(startMs + 10_000, () => reader.hasEnded)
  expect(rateOf(12 * MEGABYTE, net.nowMs - startMs)).toBeGreaterThan(0.92 * SUM)
})

test.each([
  [15_000],
  [50_000],
  [200_000],
])('a transfer of %i bytes is no slower than over the faster path alone', bytes => {
  const [alone, both] = [[FAST], [FAST, SLOW]].map(ways => rateOver(ways, { bytes })) as [number, number]
  expect(both).toBeGreaterThan(0.95 * alone)
})

describe('a path dies in the middle of a transfer', () => {
  test.each([
    ['minRtt', 0],
    ['minRtt', 1],
    ['backup', 0],
    ['redundant', 0],
  ] as const)('%s, way %i: data arrives within two round trips of the other after that is known', (scheduler, dies) => {
    const { longestMs, afterKnownMs, otherMs } = gapOf([FAST, SLOW], dies, {
      bytes: 14 * MEGABYTE,
      scheduler,
    })
    expect(otherMs).toBeGreaterThan(0)
    expect(afterKnownMs).toBeLessThan(2 * otherMs)
    expect(longestMs).toBeLessThan(60)
  })
})

test('a path that loses one packet in 20 does not slow the other down', () => {
  const alone = rateOver([SLOW], { bytes: 8 * MEGABYTE })
  expect(rateOver([{ ...FAST, loss: 0.05 }, SLOW], { bytes: 8 * MEGABYTE })).toBeGreaterThan(0.98 * alone)
})

test('redundant: few messages are late, although each path loses one packet in ten', () => {
  const [alone, both] = [1, 2].map(lateOf) as [number, number]
  expect(alone).toBeGreaterThan(15)
  expect(both).toBeLessThan(alone / 3)
})

describe('two flows beside one on a path of 10 Mb/s', () => {
  const way = { latencyMs: 10, rate: 10e6, queueBytes: 25_000 }

  test('take as much as one, coupled', () => {
    const share = shareOf(way, true, 1, 20)
    expect(share).toBeGreaterThan(0.42)
    expect(share).toBeLessThan(0.6)
  })

  test('take two thirds, uncoupled', () => {
    expect(shareOf(way, false, 1, 20)).toBeGreaterThan(0.6)
  })
})

test('a window that the slow flow fills does not stop the fast one', () => {
  const net = new Net()
  const mostWindow = 30_000
  const { client, server } = net.connect(net.way({ ...FAST, rate: 4e6, queueBytes: 5000 }), { mostWindow })
  net.run(100)
  net.join(client, server, net.way({ ...SLOW, latencyMs: 300 }))
  net.run(1500)
  const reader = new Reader(server)
  const startMs = net.nowMs
  client.write(bytesAt(0, 400_000))
  net.run(startMs + 1500)
  expect(reader.count).toBe(400_000)
})
