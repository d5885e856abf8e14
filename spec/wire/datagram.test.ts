import fc from 'fast-check'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import {
  datagramIsIntact,
  decodeDatagram,
  encodeDatagramHeader,
  MOST_DATAGRAM_PAYLOAD,
  newDatagramHeader,
  sealDatagram,
} from './datagram.ts'

const encode = (payload: Uint8Array, label?: number): Uint8Array => {
  const out = new Uint8Array(8 + payload.length)
  expect(encodeDatagramHeader(payload.length, out, 0, label)).toBe(8)
  out.set(payload, 8)
  return out
}

test('a header survives the round trip', () => {
  const header = newDatagramHeader()
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(3), fc.nat(0xffff_ffff), (payload, behind, label) => {
      const bytes = Uint8Array.from([...encode(payload, label), ...new Array(behind).fill(7)])
      expect(decodeDatagram(bytes, 0, bytes.length, header)).toBe(0)
      expect(header).toEqual({ label, checksum: 0, payload: 8, end: 8 + payload.length })
    }),
  )
})

test('is intact without a checksum, and with one until a bit changes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), fc.nat(7), fc.nat(0xffff), (payload, at, bit, sum) => {
      const bytes = encode(payload)
      expect(datagramIsIntact(bytes, 0, bytes.length, sum)).toBe(true)
      sealDatagram(bytes, 0, bytes.length, sum)
      const before = bytes.slice(6, 8).join()
      expect(before).not.toBe('0,0')
      expect(datagramIsIntact(bytes, 0, bytes.length, sum)).toBe(true)
      bytes[at % bytes.length] = must(bytes[at % bytes.length]) ^ (1 << bit)
      const isNone = bytes[6] === 0 && bytes[7] === 0
      expect(datagramIsIntact(bytes, 0, bytes.length, sum)).toBe(isNone)
    }),
  )
})

test('a checksum of 0 is written in its other form (RFC 768)', () => {
  const bytes = encode(Uint8Array.of(0xff, 0xff - 10))
  sealDatagram(bytes, 0, bytes.length, 0)
  expect([...bytes.subarray(6, 8)]).toEqual([0xff, 0xff])
  expect(datagramIsIntact(bytes, 0, bytes.length, 0)).toBe(true)
})

test('invalid arguments are rejected', () => {
  const rejected = expect.objectContaining({ code: 'WIRE_ROOM' })
  expect(() => encodeDatagramHeader(0, new Uint8Array(7), 0)).toThrow(rejected)
  const long = new Uint8Array(0x10000)
  expect(encodeDatagramHeader(MOST_DATAGRAM_PAYLOAD, long, 0)).toBe(8)
  expect([...long.subarray(4, 6)]).toEqual([0xff, 0xff])
  expect(() => encodeDatagramHeader(MOST_DATAGRAM_PAYLOAD + 1, long, 0)).toThrow(rejected)
})

test('bytes shorter than a header are not intact, whatever follows them', () => {
  const zeros = new Uint8Array(8)
  expect([0, 7, 8].map(length => datagramIsIntact(zeros, 0, length, 1))).toEqual([false, false, true])
})
