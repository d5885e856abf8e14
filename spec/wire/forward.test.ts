/** What a router sends on, to the byte: as the prototype's did, and as a packet that is written anew. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { datagramIsIntact, encodeDatagramHeader, sealDatagram } from './datagram.ts'
import { MOST_HEADER_BYTES, PROTOCOL_STREAM } from './format.ts'
import {
  encodeForwarded,
  forwardedGrowth,
  isInSources,
  originIp,
  originPort,
  sourcesWith,
} from './forward.ts'
import { encodeHeader, type Outgoing } from './header.ts'
import { read16 } from './numbers.ts'
import { encodeSegmentHeader, newSegment, sealSegment, segmentIsIntact } from './segment.ts'
import { pseudoSum } from './sum.ts'
import { frameOf, outgoingOf } from './testing/again.ts'
import { outgoing } from './testing/arbitrary.ts'
import { salPackets } from './testing/pcap.ts'

const packetOf = (file: string, number: number) =>
  salPackets.find(one => one.file === file && one.number === number)!

const ipv4 = fc.nat(0xffff_ffff)

test('the SYN that the prototype forwards, from the one that it got, to the byte', () => {
  const got = packetOf('salfwd-B', 1)
  const sent = packetOf('salfwd-B', 2)
  const frame = frameOf(got.bytes)
  const out = new Uint8Array(200)
  const end = encodeForwarded(frame, got.source, 0, got.destination, sent.destination, out, 8)
  expect(Buffer.from(out.subarray(8, end))).toEqual(Buffer.from(sent.bytes))
  const forwarded = frameOf(sent.bytes)
  expect([originIp(forwarded), originPort(forwarded)]).toEqual([got.source, 0])
  expect(isInSources(forwarded, got.destination)).toBe(true)
  expect(isInSources(forwarded, sent.destination)).toBe(false)
})

test('the SOURCE of the SYN-ACK is that of the SYN, and the server', () => {
  const [syn, synack] = [packetOf('salfwd-B', 2), packetOf('salfwd-B', 3)]
  expect(sourcesWith(frameOf(syn.bytes), synack.source)).toEqual(outgoingOf(frameOf(synack.bytes)).sources)
})

/** A packet as it comes to a router, with a payload that is right for its addresses. */
function written(packet: Outgoing, message: Uint8Array, from: number, to: number, sealed: boolean) {
  const out = new Uint8Array(MOST_HEADER_BYTES + 60 + message.length)
  const transport = encodeHeader(packet, out, 0)
  const isStream = packet.protocol === PROTOCOL_STREAM
  const payload = isStream
    ? encodeSegmentHeader({ ...newSegment(), seq: 7 }, out, transport)
    : encodeDatagramHeader(message.length, out, transport)
  out.set(message, payload)
  const end = payload + message.length
  const sum = pseudoSum(from, to, packet.protocol, end - transport)
  if (isStream) sealSegment(out, transport, end, sum)
  else if (sealed) sealDatagram(out, transport, end, sum)
  return out.slice(0, end)
}

test('any packet, as if it were written anew', () => {
  const message = fc.uint8Array({ maxLength: 300 })
  const all = fc.tuple(outgoing, message, ipv4, fc.nat(0xffff), ipv4, ipv4, fc.boolean())
  fc.assert(
    fc.property(all, ([packet, text, from, port, own, next, sealed]) => {
      const { sources } = packet
      const origin = sources[0] ?? from
      const bytes = written(packet, text, origin, own, sealed)
      const frame = frameOf(bytes)
      const out = new Uint8Array(bytes.length + 40).fill(0xee)
      const end = encodeForwarded(frame, from, port, own, next, out, 4)
      if (sources.length === 62) {
        expect(end).toBe(0)
        return
      }
      expect(end).toBe(4 + bytes.length + forwardedGrowth(frame))
      expect([...out.subarray(0, 4), ...out.subarray(end)].every(byte => byte === 0xee)).toBe(true)
      const made = out.slice(4, end)
      const path = sources.length === 0 ? [from, own] : [...sources, own]
      const anew = written({ ...packet, sources: path }, text, origin, next, sealed)
      const forwarded = frameOf(made)
      expect(originPort(forwarded)).toBe(sources.length === 0 ? port : 0)
      // The port is in bytes that the encoder leaves 0; the rest is the same.
      expect(outgoingOf(forwarded)).toEqual({ ...packet, sources: path })
      expect(made.subarray(forwarded.payload)).toEqual(anew.subarray(forwarded.payload))
    }),
  )
})

test('what was damaged before stays damaged, and no checksum stays none', () => {
  const packet = { ...outgoingOf(frameOf(packetOf('salfwd-B', 1).bytes)) }
  fc.assert(
    fc.property(
      fc.constantFrom(6, 17),
      ipv4,
      ipv4,
      ipv4,
      fc.boolean(),
      (protocol, from, own, next, sealed) => {
        const bytes = written({ ...packet, protocol }, Uint8Array.of(1, 2, 3), from, own, sealed)
        bytes[bytes.length - 1]! ^= 4
        const out = new Uint8Array(300)
        const end = encodeForwarded(frameOf(bytes), from, 0, own, next, out, 0)
        const { payload } = frameOf(out.slice(0, end))
        const sum = pseudoSum(from, next, protocol, end - payload)
        if (protocol === PROTOCOL_STREAM) expect(segmentIsIntact(out, payload, end, sum)).toBe(false)
        else {
          expect(read16(out, payload + 6) === 0).toBe(!sealed)
          expect(datagramIsIntact(out, payload, end, sum)).toBe(!sealed)
        }
      },
    ),
  )
})

test('a transport part that is cut off is sent on as it is', () => {
  const { bytes } = packetOf('salfwd-B', 1)
  const { payload } = frameOf(bytes)
  for (let length = payload; length < payload + 18; length++) {
    const out = new Uint8Array(300)
    const end = encodeForwarded(frameOf(bytes.slice(0, length)), 1, 2, 3, 4, out, 0)
    expect(end).toBe(length + 12)
    expect(out.slice(payload + 12, end)).toEqual(bytes.slice(payload, length))
  }
})
