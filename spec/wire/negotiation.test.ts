import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame, newFrame } from './frame.ts'
import { encodeHeader, headerBytes, type Outgoing } from './header.ts'
import {
  advertOf,
  echoedOf,
  joinOf,
  keyOf,
  LINE,
  MOST_LINES,
  type Negotiation,
  negotiate,
  repetitionOf,
} from './negotiation.ts'
import { read32, write16, write32 } from './numbers.ts'
import { seal } from './sum.ts'
import { frameOf } from './testing/again.ts'
import { negotiation } from './testing/arbitrary.ts'

const HEADER: Outgoing = {
  ...{ srcFlow: 1, dstFlow: 2, protocol: 6, flags: 0x80, verno: 3, ackno: 4, nonceHigh: 5, nonceLow: 6 },
  ...{ service: new Uint8Array(32).fill(7), sourceService: undefined, sources: [] },
}

function packetWith(advertised: Outgoing['advertised']): Uint8Array {
  const packet = { ...HEADER, advertised }
  const out = new Uint8Array(headerBytes(packet))
  encodeHeader(packet, out, 0)
  return out
}

const SAID: Negotiation = { capabilities: 0x8001, addressSum: 0xbeef, hasOrigin: 1 }

test('a packet says what its sender negotiates', () => {
  fc.assert(
    fc.property(negotiation, said => {
      const frame = frameOf(packetWith(negotiate(said)))
      const { bytes, capabilities, addressSum, origin, token, challenge, echo } = frame
      const repetition = frame.repetition < 0 ? undefined : repetitionOf(frame)
      const read = (at: number) =>
        at < 0 ? undefined : { high: read32(bytes, at), low: read32(bytes, at + 4) }
      const heard = {
        ...{ token: read(token), challenge: read(challenge), echo: read(echo), repetition },
        key: frame.key < 0 ? undefined : keyOf(frame),
        join: frame.join < 0 ? undefined : joinOf(frame),
        advertised: frame.advertised < 0 ? undefined : advertOf(frame),
        echoed: frame.echoed < 0 ? undefined : echoedOf(frame),
      }
      expect({ capabilities, addressSum, hasOrigin: origin >= 0 ? 1 : 0, ...heard }).toEqual(said)
    }),
  )
})

test('a SYN has these bytes', () => {
  const { addresses } = frameOf(packetWith(negotiate(SAID)))
  const bytes = packetWith(negotiate(SAID)).subarray(addresses - 4)
  expect(Buffer.from(bytes).toString('hex')).toBe('301c0000534552564e45474f010080010100beef0201000000000000')
})

test('a packet of a move has its challenge alone', () => {
  const challenge = { high: 0x01234567, low: 0x89abcdef }
  const { bytes, addresses } = frameOf(packetWith(negotiate({ challenge })))
  expect(Buffer.from(bytes.subarray(addresses + 8)).toString('hex')).toBe('01000000040200000123456789abcdef')
})

test('a repeated SYN says which repetition it is, and which instances refuse it', () => {
  const said = negotiate({ repetition: { attempt: 3, refused: [0xdeadbeef] } })
  const { bytes, addresses } = frameOf(packetWith(said))
  expect(Buffer.from(bytes.subarray(addresses + 8)).toString('hex')).toBe('0100000006010003deadbeef')
})

const MAC = { high: 0x01234567, low: 0x89abcdef }
const SYN_OF_JOIN: Negotiation = { join: { flags: 1, flow: 0xcafebabe, mac: MAC } }
const ADVERT: Negotiation = {
  advertised: {
    version: 0x1234,
    lines: [
      { kind: LINE.ADDRESS, wishes: 0, port: 0xd435, word: 0x0a000002 },
      { kind: LINE.FLOW, wishes: 1, port: 0, word: 0xdeadbeef },
    ],
    mac: MAC,
  },
  echoed: { version: 7, mac: MAC },
}

test('a SYN that joins has these bytes', () => {
  const { bytes, addresses } = frameOf(packetWith(negotiate(SYN_OF_JOIN)))
  expect(Buffer.from(bytes.subarray(addresses + 8)).toString('hex')).toBe(
    '0100000008030001cafebabe0123456789abcdef',
  )
})

test('an advertisement and an echo have these bytes', () => {
  const { bytes, addresses } = frameOf(packetWith(negotiate(ADVERT)))
  expect(Buffer.from(bytes.subarray(addresses + 8)).toString('hex')).toBe(
    '010000000a0200070123456789abcdef090612340100d4350a00000202010000deadbeef0123456789abcdef',
  )
})

test('the longest advertisement fits beside an echo and a challenge', () => {
  const line = { kind: LINE.FLOW, wishes: 3, port: 0, word: 1 }
  const most: Negotiation = {
    ...{ challenge: MAC, echo: MAC, echoed: { version: 1, mac: MAC } },
    advertised: { version: 1, lines: Array.from({ length: MOST_LINES }, () => line), mac: MAC },
  }
  expect(advertOf(frameOf(packetWith(negotiate(most)))).lines).toHaveLength(MOST_LINES)
})

test.each([
  ['a key of one word', [0x07010000, 1]],
  ['a join of two words', [0x08020000, 1, 2]],
  ['a second join', [0x08030000, 1, 2, 3, 0x08030000, 1, 2, 3]],
  ['an advertisement without a MAC', [0x09000001]],
  ['an advertisement with half a line', [0x09030001, 1, 2, 3]],
  ['an advertisement of seventeen lines', [0x09240001, ...Array(36).fill(1)]],
  ['a second advertisement', [0x09020001, 1, 2, 0x09020001, 1, 2]],
  ['an echo of three words', [0x0a030001, 1, 2, 3]],
])('%s is malformed', (_, words: readonly number[]) => {
  const { verno, ackno } = negotiate(SAID)
  expect(() => frameOf(packetWith({ verno, ackno, addresses: [0x01000000, ...words] }))).toThrow('fault 16')
})

test('a SYN that names nine instances is malformed', () => {
  const { verno, ackno, addresses } = negotiate({ repetition: { attempt: 1, refused: [1] } })
  const many = [addresses[0] as number, 0x06090001, ...Array.from({ length: 9 }, () => 1)]
  expect(() => frameOf(packetWith({ verno, ackno, addresses: many }))).toThrow()
})

test('a frame that is used again forgets the negotiation before', () => {
  const frame = newFrame()
  for (const said of [{ ...SAID, key: MAC, ...SYN_OF_JOIN, ...ADVERT }, undefined]) {
    const bytes = packetWith(said && negotiate(said))
    expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
    expect([frame.capabilities, frame.addressSum]).toEqual(said ? [0x8001, 0xbeef] : [0, -1])
    for (const at of [frame.origin, frame.key, frame.join, frame.advertised, frame.echoed])
      expect(at >= 0).toBe(said !== undefined)
  }
  expect([frame.token, frame.challenge, frame.echo, frame.repetition]).toEqual([-1, -1, -1, -1])
})

test('another version, and other magic numbers, say nothing', () => {
  const { addresses } = frameOf(packetWith(negotiate(SAID)))
  const silent = { capabilities: 0, addressSum: -1, origin: -1, challenge: -1, echo: -1 }
  for (const [at, value] of [
    [addresses, 0x53455257],
    [addresses + 4, 0x4e454750],
    [addresses + 8, 0x02008001],
    [addresses + 8, 0x00008001],
  ] as const) {
    const bytes = packetWith(negotiate(SAID))
    write32(bytes, at, value)
    write16(bytes, 10, 0)
    seal(bytes, 0, bytes.length, 10, 0)
    expect(frameOf(bytes)).toMatchObject(silent)
  }
})

test('parameters of unknown types are skipped, whatever follows them', () => {
  const { verno, ackno, addresses } = negotiate(SAID)
  const unknown = [0xff030000, 0x01000000, 0x01000000, 0x02010000]
  const more = { verno, ackno, addresses: [addresses[0] as number, ...unknown, ...addresses.slice(1)] }
  expect(frameOf(packetWith(more))).toMatchObject({ capabilities: 0x8001, addressSum: 0xbeef })
  const most = { verno, ackno, addresses: [addresses[0] as number, 0xff3a0000, ...Array(58).fill(0)] }
  expect(frameOf(packetWith(most))).toMatchObject({ capabilities: 0x8001, addressSum: -1 })
})
