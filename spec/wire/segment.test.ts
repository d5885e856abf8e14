import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import {
  decodeSegment,
  encodeSegmentHeader,
  newSegment,
  type Segment,
  sealSegment,
  segmentHeaderBytes,
  segmentIsIntact,
} from './segment.ts'
import { segment } from './testing/arbitrary.ts'

const START = 2

function encode(given: Segment): Uint8Array {
  const out = new Uint8Array(80).fill(0xee)
  const end = encodeSegmentHeader(given, out, START)
  expect(end).toBe(START + segmentHeaderBytes(given))
  expect([...out.subarray(0, START), ...out.subarray(end)].every(byte => byte === 0xee)).toBe(true)
  return out.slice(START, end)
}

function decode(bytes: Uint8Array): Segment {
  const read = newSegment()
  expect(decodeSegment(bytes, 0, bytes.length, read)).toBe(0)
  return read
}

/** The meaningful fields of a segment, and its existing blocks. */
const meaning = ({ sackLeft, sackRight, sackCount, payload: _, end: __, ...rest }: Segment) => ({
  ...rest,
  sack: Array.from({ length: sackCount }, (_, i) => [sackLeft[i], sackRight[i]]),
})

test('a segment survives the round trip, except for SACK blocks without room', () => {
  fc.assert(
    fc.property(segment, given => {
      const bytes = encode(given)
      const read = decode(bytes)
      const others =
        (given.mss && 4) +
        (given.windowScale >= 0 ? 4 : 0) +
        given.sackPermitted * 4 +
        given.hasTimestamp * 12 +
        (given.data && (given.data > 1 ? 12 : 8))
      const room = Math.max(0, Math.floor((40 - others - 4) / 8))
      expect(meaning(read)).toEqual(meaning({ ...given, sackCount: Math.min(given.sackCount, room) }))
      expect(read.payload).toBe(bytes.length)
      expect(bytes.length).toBeLessThanOrEqual(60)
      expect(bytes.length % 4).toBe(0)
    }),
  )
})

test('four blocks fit, three beside timestamps, two beside timestamps and a data acknowledgment', () => {
  const blocks = { ...newSegment(), sackCount: 4 }
  expect(decode(encode(blocks)).sackCount).toBe(4)
  expect(decode(encode({ ...blocks, hasTimestamp: 1 })).sackCount).toBe(3)
  expect(decode(encode({ ...blocks, hasTimestamp: 1, data: 1 })).sackCount).toBe(2)
})

test('one object serves all segments: nothing of the previous one remains', () => {
  fc.assert(
    fc.property(segment, segment, (first, second) => {
      const used = decode(encode(first))
      const bytes = encode(second)
      decodeSegment(bytes, 0, bytes.length, used)
      expect(meaning(used)).toEqual(meaning(decode(bytes)))
    }),
  )
})

test('a sealed segment is intact until a bit of it, or of its addresses, changes', () => {
  const drawn = [segment, fc.uint8Array({ maxLength: 9 }), fc.nat(), fc.nat(7), fc.nat(0xffff)] as const
  fc.assert(
    fc.property(...drawn, (given, payload, at, bit, sum) => {
      const bytes = Uint8Array.from([...encode(given), ...payload])
      sealSegment(bytes, 0, bytes.length, sum)
      expect(segmentIsIntact(bytes, 0, bytes.length, sum)).toBe(true)
      expect(segmentIsIntact(bytes, 0, bytes.length, sum + 1)).toBe(false)
      bytes[at % bytes.length] = must(bytes[at % bytes.length]) ^ (1 << bit)
      expect(segmentIsIntact(bytes, 0, bytes.length, sum)).toBe(false)
    }),
  )
})

describe('options', () => {
  /** Builds a header with these bytes, whole words, as options. */
  const withOptions = (...options: number[]): Uint8Array =>
    Uint8Array.from([
      ...new Array(12).fill(0),
      ((20 + options.length) / 4) << 4,
      ...new Array(7).fill(0),
      ...options,
    ])

  test('of the prototype: MSS 1448, nothing, window scale 1', () => {
    const options = [2, 4, 0x05, 0xa8, 1, 3, 3, 1]
    const read = decode(withOptions(...options))
    expect(read).toMatchObject({ mss: 1448, windowScale: 1, sackPermitted: 0, hasTimestamp: 0, sackCount: 0 })
    expect([...encode(read).subarray(20)]).toEqual(options)
  })

  test('that are unknown are skipped', () => {
    expect(decode(withOptions(254, 3, 9, 4, 2, 1, 1, 1)).sackPermitted).toBe(1)
  })

  test('of data have the identifier SA, or SE with the end of the data', () => {
    const ack = [253, 8, 0x53, 0x41, 0, 0, 1, 2]
    const ackAndSeq = [253, 12, 0x53, 0x45, 0, 0, 1, 2, 0xff, 0, 0, 3]
    expect(decode(withOptions(...ack))).toMatchObject({ data: 1, dataAck: 0x102, dataSeq: 0 })
    expect(decode(withOptions(...ackAndSeq))).toMatchObject({ data: 7, dataAck: 0x102, dataSeq: 0xff000003 })
    for (const options of [ack, ackAndSeq])
      expect([...encode(decode(withOptions(...options))).subarray(20)]).toEqual(options)
  })

  test('of other experiments are skipped', () => {
    expect(decode(withOptions(253, 8, 0x53, 0x42, 0, 0, 1, 2)).data).toBe(0)
    expect(decode(withOptions(1, 1, 253, 2)).data).toBe(0)
  })

  test('stop at the end of options', () => {
    expect(decode(withOptions(1, 0, 4, 2)).sackPermitted).toBe(0)
  })

  test('that are repeated count with their last value', () => {
    expect(decode(withOptions(2, 4, 1, 0, 2, 4, 2, 0)).mss).toBe(512)
  })

  test('scale a window by at most 14', () => {
    expect(decode(withOptions(1, 3, 3, 255)).windowScale).toBe(14)
  })
})

test('ports, reserved bits and urgent pointer are ignored', () => {
  const bytes = encode(newSegment())
  const expected = meaning(decode(bytes))
  for (const at of [0, 1, 2, 3, 18, 19]) bytes[at] = 0xff
  bytes[12] = must(bytes[12]) | 0x0f
  expect(meaning(decode(bytes))).toEqual(expected)
})

test('a header without room is rejected', () => {
  expect(encodeSegmentHeader(newSegment(), new Uint8Array(20), 0)).toBe(20)
  expect(() => encodeSegmentHeader(newSegment(), new Uint8Array(19), 0)).toThrow(
    expect.objectContaining({ code: 'WIRE_ROOM' }),
  )
})

test('bytes shorter than a header are not intact, whatever their sum', () => {
  const ones = new Uint8Array(20).fill(0xff)
  expect([18, 19, 20].map(length => segmentIsIntact(ones, 0, length, 0))).toEqual([false, false, true])
})
