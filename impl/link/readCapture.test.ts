import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { captured, folder } from '../../spec/wire/testing/pcap.ts'
import { ipOf, parseAddress } from './address.ts'
import { packetLength, writePacket } from './ipPacket.ts'
import { type Capture, CaptureError, readCapture } from './readCapture.ts'
import { batches, join, written } from './testing/datagrams.ts'

/** Writes a block by hand, in either byte order. */
function block(type: number, body: Uint8Array, little: boolean): Uint8Array {
  const out = new Uint8Array(body.length + 12)
  const view = new DataView(out.buffer)
  view.setUint32(0, type, little)
  view.setUint32(4, out.length, little)
  view.setUint32(out.length - 4, out.length, little)
  out.set(body, 8)
  return out
}
/** Writes fields, [bytes, value], in the given byte order. */
function body(little: boolean, ...fields: readonly (readonly [1 | 2 | 4, number])[]): Uint8Array {
  const out = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0))
  const view = new DataView(out.buffer)
  let at = 0
  for (const [size, value] of fields) {
    if (size === 4) view.setUint32(at, value, little)
    else if (size === 2) view.setUint16(at, value, little)
    else view.setUint8(at, value)
    at += size
  }
  return out
}
const SECTION = 0x0a0d0d0a
const section = (little: boolean) =>
  block(SECTION, body(little, [4, 0x1a2b3c4d], [2, 1], [2, 0], [4, 0xffffffff], [4, 0xffffffff]), little)
const described = (
  little: boolean,
  linkType: number,
  ...options: readonly (readonly [1 | 2 | 4, number])[]
) => block(1, body(little, [2, linkType], [2, 0], [4, 0], ...options), little)
const packet = (little: boolean, on: number, high: number, low: number, data: Uint8Array): Uint8Array => {
  const pad = new Uint8Array(-data.length & 3)
  return block(
    6,
    join([body(little, [4, on], [4, high], [4, low], [4, data.length], [4, data.length]), data, pad]),
    little,
  )
}
const ipPacket = (): Uint8Array => {
  const datagram = {
    from: parseAddress('10.0.0.1:1'),
    to: parseAddress('10.0.0.2:1'),
    bytes: Uint8Array.of(1, 2, 3),
  }
  const out = new Uint8Array(packetLength(datagram))
  writePacket(datagram, out, 0)
  return out
}
const [MICRO, NANO] = [0xa1b2c3d4, 0xa1b23c4d]
const pcapHead = (little: boolean, magic: number, linkType: number): Uint8Array =>
  body(little, [4, magic], [2, 2], [2, 4], [4, 0], [4, 0], [4, 65535], [4, linkType])
const pcapPacket = (little: boolean, seconds: number, ticks: number, data: Uint8Array): Uint8Array =>
  join([body(little, [4, seconds], [4, ticks], [4, data.length], [4, data.length]), data])
const codeOf = (run: () => Capture): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof CaptureError) return error.code
    throw error
  }
  return 'nothing'
}

describe('captures from other programs', () => {
  test.for([true, false])('in either order of bytes (little: %s), with resolutions and offsets', little => {
    const nano = [
      [2, 9],
      [2, 1],
      [1, 9],
      [1, 0],
      [2, 0],
    ] as const
    const binary = [
      [2, 9],
      [2, 1],
      [1, 128 + 10],
      [1, 0],
      [2, 0],
    ] as const
    const offset = (little: boolean) =>
      [
        [2, 14],
        [2, 8],
        [4, little ? 100 : 0],
        [4, little ? 0 : 100],
      ] as const
    const file = join([
      section(!little),
      described(!little, 101),
      section(little),
      block(0x0bad, Uint8Array.of(1, 2, 3, 4), little),
      described(little, 101),
      described(little, 101, ...nano),
      described(little, 101, ...binary),
      described(little, 101, ...offset(little)),
      described(little, 1),
      ...[0, 1, 2, 3, 4].map(on => packet(little, on, 1, 0, ipPacket())),
      packet(little, 0, 0, 1, Uint8Array.of(1, 2, 3)),
      block(3, body(little, [4, 0]), little),
    ])
    const { datagrams: read, skipped } = readCapture(file)
    const ticks = 2 ** 32
    expect(read.map(({ timeMs }) => timeMs)).toEqual([
      ticks / 1e3,
      ticks / 1e6,
      (ticks / 1024) * 1000,
      ticks / 1e3 + 100_000,
    ])
    expect(read.every(({ direction, bytes }) => direction === 'unknown' && bytes.join() === '1,2,3')).toBe(
      true,
    )
    // An Ethernet frame, a packet without a datagram, and a block without a time.
    expect(skipped).toBe(3)
  })

  test('a truncated file is reported as cut, and yields its complete packets', () => {
    const parts = [
      section(true),
      described(true, 101),
      packet(true, 0, 0, 1, ipPacket()),
      packet(true, 0, 0, 2, ipPacket()),
    ]
    const file = join(parts)
    for (let end = file.length - must(parts[3]).length + 1; end < file.length; end++) {
      const { datagrams: read, isCut } = readCapture(file.subarray(0, end))
      expect([read.length, isCut]).toEqual([1, true])
    }
    expect(readCapture(file)).toMatchObject({ isCut: false, datagrams: [{}, {}] })
  })

  test.for([
    [true, MICRO, 5_000.5],
    [false, MICRO, 5_000.5],
    [true, NANO, 5_000.0005],
    [false, NANO, 5_000.0005],
  ] as const)('of pcap, in either order of bytes (little: %s) and resolution', ([little, magic, timeMs]) => {
    const file = join([
      pcapHead(little, magic, 101),
      pcapPacket(little, 5, 500, ipPacket()),
      pcapPacket(little, 5, 501, Uint8Array.of(0x45, 0, 0)),
    ])
    const { datagrams: read, ...rest } = readCapture(file)
    expect(read).toMatchObject([{ timeMs, direction: 'unknown', from: parseAddress('10.0.0.1:1') }])
    expect(rest).toEqual({ skipped: 1, isCut: false })
    for (let end = file.length - 18; end < file.length; end++)
      expect(readCapture(file.subarray(0, end))).toMatchObject({ datagrams: [{}], isCut: true, skipped: 0 })
  })

  test('frames of Ethernet and Linux, with the direction where the frame has one', () => {
    const ethernet = join([new Uint8Array(12), Uint8Array.of(8, 0), ipPacket()])
    const cooked = (kind: number) =>
      join([Uint8Array.of(0, kind), new Uint8Array(12), Uint8Array.of(8, 0), ipPacket()])
    const directions = (linkType: number, ...frames: readonly Uint8Array[]) =>
      readCapture(
        join([pcapHead(true, MICRO, linkType), ...frames.map(f => pcapPacket(true, 0, 0, f))]),
      ).datagrams.map(({ direction }) => direction)
    expect(directions(1, ethernet, ethernet.with(12, 9), ethernet.subarray(0, 13))).toEqual(['unknown'])
    expect(directions(113, ...[0, 1, 2, 3, 4].map(cooked))).toEqual(['in', 'in', 'in', 'unknown', 'out'])
    expect(directions(228, ipPacket())).toEqual([])
  })

  test("the prototype's captures, with SAL directly inside IP, and directions", () => {
    const files = [...new Set(captured.map(({ file }) => file))]
    for (const file of files) {
      const read = readCapture(readFileSync(resolve(folder, `${file}.pcap`)))
      const expected = captured.filter(packet => packet.file === file)
      const ofSal = expected.filter(({ protocol }) => protocol === 144)
      expect(read).toMatchObject({ skipped: expected.length - ofSal.length, isCut: false })
      expect(read.datagrams.map(({ from, bytes }) => [ipOf(from), Buffer.from(bytes)])).toEqual(
        ofSal.map(({ source, bytes }) => [source, Buffer.from(bytes)]),
      )
      expect(read.datagrams.map(({ direction }) => direction)).not.toContain('unknown')
      const times = read.datagrams.map(({ timeMs }) => timeMs)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
  })

  const start = [section(true), described(true, 101)]
  test.for([
    ['nothing', 'CAPTURE_FORMAT', new Uint8Array(0)],
    ['another file', 'CAPTURE_FORMAT', new TextEncoder().encode('{"format": 1, "title": "no capture"}')],
    ['a pcap without room for its head', 'CAPTURE_FORMAT', Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0)],
    [
      'a packet of a gigabyte in a pcap',
      'CAPTURE_BLOCK',
      join([pcapHead(true, MICRO, 101), body(true, [4, 0], [4, 0], [4, 2 ** 30], [4, 2 ** 30])]),
    ],
    ['no byte order', 'CAPTURE_BLOCK', section(true).with(8, 0)],
    ['a length of 0', 'CAPTURE_BLOCK', section(true).with(4, 0)],
    ['an odd length', 'CAPTURE_BLOCK', section(true).with(4, 29)],
    ['two lengths', 'CAPTURE_BLOCK', section(true).with(24, 32)],
    ['an interface without room', 'CAPTURE_BLOCK', join([section(true), block(1, new Uint8Array(4), true)])],
    ['a packet without room', 'CAPTURE_BLOCK', join([...start, block(6, new Uint8Array(0), true)])],
    [
      'a packet of an unknown interface',
      'CAPTURE_BLOCK',
      join([...start, packet(true, 1, 0, 0, ipPacket())]),
    ],
    ['a packet too long', 'CAPTURE_BLOCK', join([...start, packet(true, 0, 0, 0, ipPacket()).with(20, 60)])],
    [
      'an option too long',
      'CAPTURE_BLOCK',
      join([section(true), described(true, 101, [2, 9], [2, 9], [4, 0])]),
    ],
    [
      'too many interfaces',
      'CAPTURE_LIMIT',
      join([section(true), ...Array(1025).fill(described(true, 101))]),
    ],
  ] as const)('%s is %s', ([, code, file]) => {
    expect(codeOf(() => readCapture(file))).toBe(code)
  })

  test('any bytes are read or rejected', () => {
    const damaged = fc
      .tuple(batches, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }))
      .map(([list, changes]) => {
        const file = written(list)
        for (const [at, value] of changes) file[at % file.length] = value
        return file
      })
    const prefixed = fc
      .uint8Array({ maxLength: 200 })
      .map(any => join([section(true), described(true, 101), any]))
    const old = fc.uint8Array({ maxLength: 200 }).map(any => join([pcapHead(true, MICRO, 276), any]))
    fc.assert(
      fc.property(fc.oneof(damaged, prefixed, old, fc.uint8Array()), file => {
        const code = codeOf(() => readCapture(file))
        expect(['nothing', 'CAPTURE_FORMAT', 'CAPTURE_BLOCK', 'CAPTURE_LIMIT']).toContain(code)
      }),
      { numRuns: 2000 },
    )
  })
})
