import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { WireError } from './faults.ts'
import { CHECK_OFFSET, MOST_HEADER_BYTES } from './format.ts'
import { decodeFrame, newFrame } from './frame.ts'
import { encodeHeader, headerBytes, type Outgoing } from './header.ts'
import { seal } from './sum.ts'
import { frameOf, outgoingOf } from './testing/again.ts'
import { outgoing } from './testing/arbitrary.ts'
import { naiveDecode, naiveEncode } from './testing/naive.ts'

const START = 3

const encode = (packet: Outgoing): Uint8Array => {
  const out = new Uint8Array(START + MOST_HEADER_BYTES + 1).fill(0xee)
  const end = encodeHeader(packet, out, START)
  expect(end).toBe(START + headerBytes(packet))
  // Nothing is written outside of the header.
  expect([...out.subarray(0, START), ...out.subarray(end)].every(byte => byte === 0xee)).toBe(true)
  return out.slice(START, end)
}

test('a header survives the round trip', () => {
  fc.assert(
    fc.property(outgoing, packet => {
      expect(outgoingOf(frameOf(encode(packet)))).toEqual(packet)
    }),
  )
})

test('writes the bytes of the naive encoder, in the same order', () => {
  fc.assert(
    fc.property(outgoing, packet => {
      const bytes = encode(packet)
      expect(naiveEncode(naiveDecode(bytes))).toEqual(bytes)
      const order = naiveDecode(bytes).extensions.map(({ type }) => type)
      const expected = ['control', 'service', 'service', 'address', 'source']
      expect(order).toEqual(
        expected.filter((type, i) => order.includes(type as never) && (i !== 2 || packet.sourceService)),
      )
    }),
  )
})

test('reads extensions in any order, with PAD anywhere between', () => {
  const drawn = outgoing.chain(packet => {
    const { extensions, ...rest } = naiveDecode(encode(packet))
    const pads = Array.from({ length: 4 }, () => ({ type: 'pad' as const }))
    const all = [...extensions, ...pads]
    const order = fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    return fc.tuple(
      fc.constant(packet),
      order.map(shuffled => naiveEncode({ ...rest, extensions: shuffled })),
    )
  })
  fc.assert(
    fc.property(drawn, ([packet, bytes]) => {
      const { service, sourceService, ...rest } = outgoingOf(frameOf(bytes))
      // Only the order distinguishes the two services.
      expect(rest).toEqual(Object.fromEntries(Object.entries(packet).filter(([name]) => name in rest)))
      expect(new Set([`${service}`, `${sourceService}`])).toEqual(
        new Set([`${packet.service}`, `${packet.sourceService}`]),
      )
    }),
  )
})

test('one frame serves all packets: nothing of the previous one remains', () => {
  fc.assert(
    fc.property(fc.array(outgoing, { minLength: 2, maxLength: 4 }), packets => {
      const frame = newFrame()
      for (const packet of packets) {
        const bytes = encode(packet)
        expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
        expect(frame).toEqual(frameOf(bytes))
      }
    }),
  )
})

test('ignores reserved bits', () => {
  const advertised = { verno: 1, ackno: 2, addresses: [3] }
  const packet = { ...plain, flags: 0x80, service: new Uint8Array(32), sources: [1, 2], advertised }
  const bytes = encode(packet)
  // Offsets of CONTROL, SERVICE, ADDRESS and SOURCE.
  const extensions = [12, 32, 68, 84]
  for (const at of extensions) bytes[at] = must(bytes[at]) | 0x0f
  for (const at of [15, ...extensions.slice(1).flatMap(at => [at + 2, at + 3])]) {
    expect(bytes[at]).toBe(0)
    bytes[at] = 0xff
  }
  bytes.fill(0, CHECK_OFFSET, CHECK_OFFSET + 2)
  seal(bytes, 0, bytes.length, CHECK_OFFSET, 0)
  expect(outgoingOf(frameOf(bytes))).toEqual(packet)
})

const plain: Outgoing = {
  srcFlow: 1,
  dstFlow: 2,
  protocol: 6,
  flags: 0,
  verno: 0,
  ackno: 0,
  nonceHigh: 0,
  nonceLow: 0,
  service: undefined,
  sourceService: undefined,
  sources: [],
}

describe('rejects invalid arguments', () => {
  const id = new Uint8Array(32)
  const list = (length: number): number[] => Array.from({ length }, (_, i) => i)
  const rejections: readonly (readonly [string, Partial<Outgoing>])[] = [
    ['WIRE_SERVICE', { service: new Uint8Array(31) }],
    ['WIRE_SERVICE', { service: id, sourceService: new Uint8Array(33) }],
    ['WIRE_SERVICE', { sourceService: id }],
    ['WIRE_SOURCES', { sources: [1] }],
    ['WIRE_SOURCES', { sources: list(63) }],
    ['WIRE_ADDRESSES', { advertised: { verno: 1, ackno: 1, addresses: list(61) } }],
  ]

  test.for(rejections)('%s %#', ([code, fields]) => {
    const asked = () => encodeHeader({ ...plain, ...fields }, new Uint8Array(2000), 0)
    expect(asked).toThrow(WireError)
    expect(asked).toThrow(expect.objectContaining({ code }))
  })

  test('WIRE_ROOM if one byte is missing', () => {
    expect(encodeHeader(plain, new Uint8Array(15), 3)).toBe(15)
    expect(() => encodeHeader(plain, new Uint8Array(14), 3)).toThrow(
      expect.objectContaining({ code: 'WIRE_ROOM' }),
    )
  })
})

test('writes the longest possible header', () => {
  const most: Outgoing = {
    ...plain,
    flags: 0x80,
    service: new Uint8Array(32),
    sourceService: new Uint8Array(32),
    sources: Array.from({ length: 62 }, () => 0xffffffff),
    advertised: { verno: 1, ackno: 1, addresses: Array.from({ length: 60 }, () => 0xffffffff) },
  }
  expect(headerBytes(most)).toBe(MOST_HEADER_BYTES)
  expect(outgoingOf(frameOf(encode(most)))).toEqual(most)
})
