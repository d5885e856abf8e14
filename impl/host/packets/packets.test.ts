import { expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { ACK } from '../../../spec/machines/flow/packets.ts'
import { Packets } from './packets.ts'

const PACKET_BYTES = 1400

/** Writes this many packets, each with its number as flowID. */
const write = (packets: Packets, count: number, first = 0): void => {
  for (let i = first; i < first + count; i++)
    packets.control(
      {
        kind: ACK,
        from: 1,
        to: 2,
        fin: 0,
        dstFlow: i,
        srcFlow: 1,
        verno: 0,
        ackno: 0,
        service: 0,
        capabilities: 0,
        tells: 0,
        challenge: 0,
        joins: 0,
        echo: 0,
      },
      6,
      0,
      0,
      undefined,
      0,
    )
}

const numbers = (batch: ReturnType<Packets['take']>): number[] =>
  batch.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(4))

const range = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i)

/** Enough to fill several pieces of memory. */
const MANY = 5000

test('packets that are kept stay unchanged', () => {
  const packets = new Packets(PACKET_BYTES)
  write(packets, MANY)
  const first = packets.take()
  write(packets, MANY, MANY)
  const second = packets.take()
  expect(numbers(first)).toEqual(range(MANY))
  expect(numbers(second)).toEqual(range(MANY, MANY))
})

test('reuses the memory of returned packets, and no other', () => {
  const packets = new Packets(PACKET_BYTES)
  write(packets, MANY)
  const kept = packets.take()
  write(packets, MANY)
  const given = packets.take()
  const memory = new Set(given.map(({ bytes }) => bytes.buffer))
  packets.reclaim()
  write(packets, MANY, MANY)
  const next = packets.take()
  expect(numbers(next)).toEqual(range(MANY, MANY))
  expect(next.every(({ bytes }) => memory.has(bytes.buffer))).toBe(true)
  // The second batch continued in the last piece of the first. Returning covers everything taken before.
  const shared = must(kept.at(-1)).bytes.buffer
  expect(numbers(kept.filter(({ bytes }) => bytes.buffer !== shared))).toEqual(
    range(kept.filter(({ bytes }) => bytes.buffer !== shared).length),
  )
})
