/** A mapping agrees with a list that holds the data position of every position. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SendBuffer } from '../sendBuffer.ts'
import { byteAt, bytesAt } from '../testing/transfer.ts'
import { Mapping } from './mapping.ts'
import { Source } from './source.ts'

const BYTES = 2000

function sourceOf(size: number): Source {
  const buffer = new SendBuffer(1)
  buffer.write(bytesAt(1, size))
  const sent = { origin: 0, una: 1, next: 1, edge: 1e6, largestWindow: 1e6, isEnding: true, noDelay: false }
  return new Source(buffer, sent)
}

const step = fc.record({
  data: fc.integer({ min: 1, max: BYTES - 60 }),
  length: fc.integer({ min: 1, max: 60 }),
  drop: fc.nat(80),
})

test('of runs of data, as they are sent and acknowledged', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }),
      (isFirst, steps) => {
        const start = isFirst ? 50 : 1
        const mapping = new Mapping(sourceOf(BYTES), start, isFirst)
        const dataOf = Array.from({ length: isFirst ? start : 1 }, (_, i) => i)
        let una = 1
        for (const { data, length, drop } of steps) {
          const next = dataOf.length
          mapping.add(next, data)
          for (let i = 0; i < length; i++) dataOf.push(data + i)
          mapping.end = dataOf.length
          una = Math.min(una + drop, dataOf.length - 1)
          mapping.drop(una)
          for (const at of [una, Math.floor((una + dataOf.length) / 2), dataOf.length - 1])
            expect(mapping.dataAt(at)).toBe(dataOf[at])
          for (const from of [una, dataOf.length - length, dataOf.length - 1]) {
            if (from < una) continue
            const isWhole = dataOf.slice(from).every((one, i) => one === (dataOf[from] as number) + i)
            // Two runs may happen to follow each other in the data.
            if (!isWhole) expect(mapping.isContiguous(from)).toBe(false)
            if (from >= dataOf.length - length) expect(mapping.isContiguous(from)).toBe(true)
          }
          expect(mapping.holds(data, una, dataOf.length) > 0).toBe(dataOf.indexOf(data, una) >= 0)
          expect(mapping.holds(BYTES + 1, una, dataOf.length)).toBe(0)
        }
      },
    ),
  )
})

test('copies data, and zeros for what is acknowledged and for the end', () => {
  const source = sourceOf(100)
  const mapping = new Mapping(source, 1, false)
  mapping.add(1, 81)
  mapping.end = 22
  const out = new Uint8Array(24).fill(0xee)
  source.acknowledge(85)
  mapping.copy(1, 21, out, 1)
  const expected = Array.from({ length: 20 }, (_, i) => (i < 4 ? 0 : byteAt(81 + i)))
  expect([...out]).toEqual([0xee, ...expected, 0, 0xee, 0xee])
})
