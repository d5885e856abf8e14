/** Every fault, from the smallest change that causes it. */
import { describe, expect, test } from 'vitest'
import { decodeDatagram, newDatagramHeader } from './datagram.ts'
import { WIRE_FAULT, WIRE_SENTENCES, type WireFault } from './faults.ts'
import { decodeFrame, newFrame } from './frame.ts'
import { kindOf } from './kinds.ts'
import { write16 } from './numbers.ts'
import { decodeSegment, newSegment } from './segment.ts'
import { checksumOf, internetSum } from './sum.ts'
import { faultName } from './testing/agree.ts'

/** Builds a packet with these extensions and a valid checksum; `fix` changes it before that. */
function packet(extensions: readonly number[], fix: (bytes: Uint8Array) => void = () => {}): Uint8Array {
  const bytes = Uint8Array.from([0, 0, 0, 1, 0, 0, 0, 2, 3 + extensions.length / 4, 6, 0, 0, ...extensions])
  fix(bytes)
  write16(bytes, 10, checksumOf(internetSum(bytes, 0, bytes.length)))
  return bytes
}

const read = (bytes: Uint8Array): number => decodeFrame(bytes, 0, bytes.length, newFrame())
const kind = (bytes: Uint8Array): number => {
  const frame = newFrame()
  expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
  return -kindOf(frame)
}
const zeros = (length: number): number[] => new Array(length).fill(0)
const control = (flags: number): number[] => [0x10, 20, flags, ...zeros(17)]
const service = [0x20, 36, ...zeros(34)]
const address = [0x30, 16, ...zeros(14)]
const negotiation = (...words: number[]): number[] => [
  ...[0x30, 12 + words.length, 0, 0, 0x53, 0x45, 0x52, 0x56, 0x4e, 0x45, 0x47, 0x4f],
  ...words,
]
const source = [0x40, 12, ...zeros(10)]
const segment = (bytes: Uint8Array): number => decodeSegment(bytes, 0, bytes.length, newSegment())
const options = (...bytes: number[]): Uint8Array =>
  Uint8Array.from([...zeros(12), (5 + bytes.length / 4) << 4, ...zeros(7), ...bytes])
const datagram = (...bytes: number[]): number =>
  decodeDatagram(Uint8Array.from(bytes), 0, bytes.length, newDatagramHeader())

const yields: Readonly<Record<WireFault, readonly (() => number)[]>> = {
  SHORT: [() => read(packet([]).subarray(0, 11)), () => read(new Uint8Array(0))],
  HEADER_LENGTH: [
    () => read(packet([], bytes => bytes.fill(2, 8, 9))),
    () => read(packet([], bytes => bytes.fill(4, 8, 9))),
  ],
  CHECK: [() => read(packet([]).fill(9, 3, 4)), () => read(packet(control(0x80)).fill(1, 31))],
  PROTOCOL: [0, 5, 7, 16, 18, 255].map(
    protocol => () => read(packet([], bytes => bytes.fill(protocol, 9, 10))),
  ),
  EXTENSION_COUNT: [
    () => read(packet(zeros(12))),
    () => read(packet([...zeros(8), ...control(0x80), ...source, ...address])),
  ],
  EXTENSION_TYPE: [() => read(packet([0x50, 4, 0, 0])), () => read(packet([0xf0, 2, 0, 0]))],
  EXTENSION_LENGTH: [
    () => read(packet([0x10, 16, ...zeros(14)])),
    () => read(packet([0x10, 24, ...zeros(22)])),
    () => read(packet([0x20, 32, ...zeros(30)])),
    () => read(packet([0x20, 34, ...zeros(34)])),
    () => read(packet([0x20, 40, ...zeros(38)])),
    () => read(packet([0x30, 8, ...zeros(6)])),
    () => read(packet([0x30, 14, ...zeros(14)])),
    () => read(packet([0x40, 8, ...zeros(6)])),
    () => read(packet([0x40, 13, ...zeros(14)])),
    // Beyond the header; without room for its own length; missing.
    () => read(packet(control(0x80).slice(0, 16))),
    () => read(packet([0, 0, 0, 0x10])),
    () => read(packet([0x10, 0, 0, 0])),
    () => read(packet([0x10, 1, 0, 0])),
  ],
  EXTENSION_REPEATED: [
    () => read(packet([...control(0x80), ...control(0x80)])),
    () => read(packet([...service, ...service, ...service])),
    () => read(packet([...address, ...address])),
    () => read(packet([...source, ...source])),
  ],
  FLAGS: [
    () => read(packet(control(0))),
    // NACK, an unnamed bit, RST with FIN, SYN with RSYN.
    ...[0x10, 0x01, 0x0c, 0xc0].map(flags => () => kind(packet([...control(flags), ...service]))),
  ],
  NAMELESS: [() => kind(packet(control(0x80)))],
  SEGMENT_SHORT: [() => segment(options().subarray(0, 19))],
  SEGMENT_OFFSET: [() => segment(options().fill(0x40, 12, 13)), () => segment(options().fill(0x60, 12, 13))],
  OPTION_LENGTH: [
    () => segment(options(2, 3, 0, 0)),
    () => segment(options(3, 4, 0, 0)),
    () => segment(options(4, 3, 0, 0)),
    () => segment(options(5, 2, 0, 0)),
    () => segment(options(5, 12, ...zeros(10))),
    () => segment(options(8, 9, ...zeros(10))),
    () => segment(options(253, 10, 0x53, 0x41, ...zeros(8))),
    () => segment(options(253, 8, 0x53, 0x45, ...zeros(4))),
    // An unknown option: beyond the header, without room for its length, with length 0.
    () => segment(options(99, 5, 0, 0)),
    () => segment(options(1, 1, 1, 99)),
    () => segment(options(99, 0, 0, 0)),
    () => segment(options(99, 1, 0, 0)),
  ],
  DATAGRAM_SHORT: [() => datagram(0, 0, 0, 0, 0, 8, 0)],
  DATAGRAM_LENGTH: [() => datagram(0, 0, 0, 0, 0, 7, 0, 0), () => datagram(0, 0, 0, 0, 0, 9, 0, 0)],
  NEGOTIATION: [
    () => read(packet(negotiation())),
    () => read(packet(negotiation(1, 0, 0, 1, 1, 1, 0, 0))),
    () => read(packet(negotiation(1, 0, 0, 1, 2, 1, 0, 0))),
    () => read(packet(negotiation(1, 0, 0, 1, 9, 1, 0, 0))),
    () => read(packet(negotiation(1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0))),
    () => read(packet(negotiation(1, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0))),
  ],
}

describe.for(Object.entries(yields))('%s', ([name, ways]) => {
  test.for(ways.map((way, i) => [i, way] as const))('way %i', ([, way]) => {
    expect(faultName(way())).toBe(name)
  })
})

test('the unchanged packets are valid', () => {
  const right = [
    [],
    control(0x80),
    service,
    [...service, ...service],
    address,
    source,
    zeros(8),
    [0x30, 12, ...zeros(10)],
  ]
  expect(right.map(extensions => read(packet(extensions)))).toEqual(right.map(() => 0))
  // Ten extensions are allowed.
  expect(read(packet([...zeros(7), ...source, ...address, 0]))).toBe(0)
  expect(kind(packet([...control(0x80), ...service]))).toBe(-1)
  const lengths = [
    [2, 4],
    [3, 3],
    [4, 2],
    [5, 10],
    [5, 34],
    [8, 10],
    [99, 2],
  ] as const
  for (const [option, length] of lengths) {
    const filled = [option, length, ...zeros(length - 2), 1, 1, 1]
    expect(segment(options(...filled.slice(0, filled.length & ~3)))).toBe(0)
  }
  expect(datagram(0, 0, 0, 0, 0, 8, 0, 0)).toBe(0)
})

test('every fault has a number, a name and a sentence', () => {
  const names = Object.keys(WIRE_FAULT)
  expect(Object.values(WIRE_FAULT)).toEqual(names.map((_, i) => i + 1))
  expect(Object.keys(WIRE_SENTENCES)).toEqual(names)
  expect(names.map((_, i) => faultName(i + 1))).toEqual(names)
  expect([0, -1, names.length + 1].map(faultName)).toEqual([undefined, undefined, undefined])
  for (const sentence of Object.values(WIRE_SENTENCES)) expect(sentence).toMatch(/^[A-Z].{20,}\.$/)
})
