/** Compares both buffers with plain arrays of bytes. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { LEAST_PIECE, MOST_PIECE, MOST_PIECE_AHEAD } from './limits.ts'
import { ReceiveBuffer } from './receiveBuffer.ts'
import { SendBuffer } from './sendBuffer.ts'
import { bytesAt } from './testing/transfer.ts'

const START = 1
const LONG = 3 * MOST_PIECE

describe('the send buffer', () => {
  const length = fc.oneof(fc.nat(200), fc.nat(LONG))
  const act = fc.oneof(
    fc.record({ name: fc.constant('write'), size: length }),
    fc.record({ name: fc.constant('drop'), size: length }),
    fc.record({
      name: fc.constant('copy'),
      size: fc.nat(2000),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  )

  test('holds every byte that was written and not dropped, at its position', () => {
    const property = fc.property(fc.array(act, { maxLength: 40 }), acts => {
      const buffer = new SendBuffer(START)
      let [start, end] = [START, START]
      for (const one of acts)
        if (one.name === 'write') {
          const bytes = bytesAt(end, one.size)
          buffer.write(bytes)
          bytes.fill(0)
          end += one.size
        } else if (one.name === 'drop') {
          start = Math.min(end, start + one.size)
          buffer.drop(start)
        } else {
          const from = start + Math.floor(('at' in one ? one.at : 0) * (end - start))
          const size = Math.min(one.size, end - from)
          const out = new Uint8Array(size + 2)
          buffer.copy(from, size, out, 1)
          expect(out).toEqual(Uint8Array.of(0, ...bytesAt(from, size), 0))
        }
      expect([buffer.end, buffer.size]).toEqual([end, end - start])
    })
    fc.assert(property, { numRuns: 60 })
  })

  test('dropping twice, or beyond the end, is harmless', () => {
    const buffer = new SendBuffer(START)
    buffer.write(bytesAt(START, 100))
    buffer.drop(51)
    buffer.drop(20)
    expect(buffer.size).toBe(50)
    buffer.drop(102)
    expect([buffer.size, buffer.end]).toEqual([0, 101])
  })
})

describe('the receive buffer', () => {
  const act = fc.oneof(
    fc.record({
      name: fc.constant('insert'),
      ahead: fc.integer({ min: -3000, max: 6000 }),
      size: fc.nat(3000),
    }),
    fc.record({ name: fc.constantFrom('read', 'readInto'), size: fc.integer({ min: 1, max: 5000 }) }),
  )

  test('keeps the first copy of a byte when segments overlap', () => {
    const byte = fc.record({
      ahead: fc.integer({ min: -20, max: 60 }),
      size: fc.integer({ min: 1, max: 30 }),
    })
    const property = fc.property(fc.array(byte, { maxLength: 40 }), acts => {
      const buffer = new ReceiveBuffer(START)
      const first = new Map<number, number>()
      acts.forEach(({ ahead, size }, i) => {
        const from = Math.max(START, buffer.next + ahead)
        buffer.insert(from, new Uint8Array(size).fill(i + 1), 0, size)
        for (let at = from; at < from + size; at++) if (!first.has(at)) first.set(at, i + 1)
      })
      const bytes = buffer.read(10_000) ?? Buffer.alloc(0)
      expect([...bytes]).toEqual(Array.from(bytes, (_, i) => first.get(START + i)))
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('allocates memory only for what it holds, and counts it', () => {
    const buffer = new ReceiveBuffer(START)
    buffer.insert(START + 65_535, Uint8Array.of(1), 0, 1)
    expect(buffer.memory).toBeGreaterThan(MOST_PIECE_AHEAD)
    expect(buffer.memory).toBeLessThan(MOST_PIECE_AHEAD + 2048)
    for (let at = 0; at < 65_535; at += 1000) buffer.insert(START + at, new Uint8Array(1000), 0, 1000)
    expect(buffer.memory).toBeGreaterThan(65_536)
    expect(buffer.memory).toBeLessThan(65_536 + 2 * MOST_PIECE_AHEAD)
    while (buffer.read(5000)) {}
    expect(buffer.memory).toBe(0)
  })

  test('while memory is short, accepts only bytes in order that fit the memory it holds', () => {
    const buffer = new ReceiveBuffer(START)
    const bytes = new Uint8Array(5000)
    expect(buffer.insert(START + 1, bytes, 0, 10, true)).toBe(false)
    expect([buffer.insert(START, bytes, 0, 5000, true), buffer.readable]).toEqual([true, LEAST_PIECE])
    expect(buffer.insert(START + LEAST_PIECE, bytes, 0, 10, true)).toBe(false)
    buffer.read(5000)
    expect(buffer.insert(START + LEAST_PIECE, bytes, 0, 10, true)).toBe(true)
  })

  test('delivers all bytes once and in order, however segments overlap and arrive', () => {
    const property = fc.property(fc.array(act, { maxLength: 80 }), acts => {
      const buffer = new ReceiveBuffer(START)
      const here = new Set<number>()
      const kept: [number, Uint8Array][] = []
      let readAt = START
      for (const one of acts)
        if ('ahead' in one) {
          const from = Math.max(START, buffer.next + one.ahead)
          const isNew = Array.from({ length: one.size }, (_, i) => from + i).some(i => !here.has(i))
          const packet = Uint8Array.of(7, ...bytesAt(from, one.size), 7)
          expect(buffer.insert(from, packet, 1, 1 + one.size)).toBe(isNew)
          packet.fill(0)
          for (let i = from; i < from + one.size; i++) here.add(i)
        } else {
          const target = new Uint8Array(one.size)
          const bytes =
            one.name === 'read' ? buffer.read(one.size) : target.subarray(0, buffer.readInto(target))
          if (bytes !== undefined) {
            kept.push([readAt, bytes])
            readAt += bytes.length
          }
        }
      let next = START
      while (here.has(next)) next++
      expect([buffer.next, buffer.readAt]).toEqual([next, readAt])
      expect(buffer.size).toBe(here.size - (readAt - START))
      // Bytes that were handed out must not change when later segments arrive.
      for (const [at, bytes] of kept) expect(Uint8Array.from(bytes)).toEqual(bytesAt(at, bytes.length))
    })
    fc.assert(property, { numRuns: 100 })
  })
})
