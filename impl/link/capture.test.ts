import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromIPv4, parseAddress } from './address.ts'
import { capture } from './capture.ts'
import { Network } from './memory.ts'
import { captureBlocks, captureHeader } from './pcapng.ts'
import { readCapture } from './readCapture.ts'
import { complies } from './testing/compliance.ts'
import { batches, join, written } from './testing/datagrams.ts'
import { memoryFixture, udpFixture } from './testing/fixtures.ts'

complies('the memory link with a capture', () =>
  memoryFixture((link, clock) => capture(link, () => {}, clock)),
)
complies('the UDP link with a capture', () =>
  udpFixture('127.0.0.1', (link, clock) => capture(link, () => {}, clock)),
)

describe('a capture', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(batches, list => {
        const { datagrams: read, skipped, isCut } = readCapture(written(list))
        expect([skipped, isCut]).toEqual([0, false])
        const all = list
          .flatMap(({ batch, direction, timeUs }) => batch.map(one => ({ ...one, direction, timeUs })))
          .map((one, index) => ({ ...one, number: index + 1 }))
        expect(read.map(({ timeMs, ...rest }) => ({ ...rest, timeUs: Math.round(timeMs * 1000) }))).toEqual(
          all,
        )
      }),
    )
  })

  test('omits datagrams that no packet can carry', () => {
    const [v4, v6] = [parseAddress('10.0.0.1:1'), parseAddress('[2001::1]:1')]
    const empty = new Uint8Array(0)
    const blocks = captureBlocks(
      [
        { from: v4, to: v6, bytes: empty },
        { from: v4, to: v4, bytes: empty },
      ],
      'in',
      1,
    )
    expect(readCapture(join([captureHeader(), blocks])).datagrams).toHaveLength(1)
    expect(captureBlocks([{ from: v4, to: v6, bytes: empty }], 'in', 1)).toHaveLength(0)
  })

  test('of a link holds the traffic of both directions, taken before anybody could change it', async () => {
    const network = new Network({ latencyMs: () => 2.5 })
    const [A, B] = [fromIPv4(1, 9), fromIPv4(2, 9)]
    const pieces: Uint8Array[] = []
    const link = capture(network.attach([A]), piece => pieces.push(piece), network)
    const other = network.attach([B])
    link.receive(batch => {
      for (const { bytes } of batch) bytes.fill(0)
    })
    other.receive(batch => other.send(batch.map(({ bytes }) => ({ from: B, to: A, bytes }))))
    network.advance(10)
    link.send([1, 2].map(n => ({ from: A, to: B, bytes: Uint8Array.of(n) })))
    link.send([])
    network.advance(100)
    await link.close()
    link.send([{ from: A, to: B, bytes: Uint8Array.of(3) }])
    expect(pieces).toHaveLength(3)
    const summary = readCapture(join(pieces)).datagrams.map(d => [d.timeMs, d.direction, d.bytes[0], d.to])
    expect(summary).toEqual([
      [10, 'out', 1, B],
      [10, 'out', 2, B],
      [15, 'in', 1, A],
      [15, 'in', 2, A],
    ])
  })
})
