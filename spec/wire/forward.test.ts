/** Forwarded packets, to the byte: like the prototype's, and like newly encoded packets. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { datagramIsIntact, encodeDatagramHeader, sealDatagram } from './datagram.ts'
import { MOST_HEADER_BYTES, PROTOCOL_STREAM } from './format.ts'
import { encodeForwarded, forwardedGrowth, originIp, sourcesWith } from './forward.ts'
import { encodeHeader, type Outgoing } from './header.ts'
import { negotiate } from './negotiation.ts'
import { read16 } from './numbers.ts'
import { encodePort, originPort, PORT_BYTES } from './originPort.ts'
import { encodeSegmentHeader, newSegment, sealSegment, segmentIsIntact } from './segment.ts'
import { pseudoSum, seal } from './sum.ts'
import { frameOf, outgoingOf } from './testing/again.ts'
import { outgoing } from './testing/arbitrary.ts'
import { salPackets } from './testing/pcap.ts'
import { type Carried, prototypeForwards } from './testing/prototypeRouter.ts'

const packetOf = (file: string, number: number) =>
  must(salPackets.find(one => one.file === file && one.number === number))

const ipv4 = fc.nat(0xffff_ffff)

test("forwards the prototype's received SYN as the prototype did, to the byte", () => {
  const got = packetOf('salfwd-B', 1)
  const sent = packetOf('salfwd-B', 2)
  const frame = frameOf(got.bytes)
  const out = new Uint8Array(200)
  // The prototype keeps the IP source.
  const hop = { ip: got.source, port: 0, own: got.destination, leaving: got.source, next: sent.destination }
  const end = encodeForwarded(frame, hop, out, 8)
  expect(Buffer.from(out.subarray(8, end))).toEqual(Buffer.from(sent.bytes))
  const forwarded = frameOf(sent.bytes)
  expect([originIp(forwarded), originPort(forwarded)]).toEqual([got.source, 0])
  expect(outgoingOf(forwarded).sources).toContain(got.destination)
  expect(outgoingOf(forwarded).sources).not.toContain(sent.destination)
})

test('the SOURCE of the SYN-ACK is that of the SYN plus the server', () => {
  const [syn, synack] = [packetOf('salfwd-B', 2), packetOf('salfwd-B', 3)]
  expect(sourcesWith(frameOf(syn.bytes), synack.source)).toEqual(outgoingOf(frameOf(synack.bytes)).sources)
})

/** Returns a packet as it arrives at a router, with a payload that is valid for its addresses. */
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

test('forwards any packet as if it were newly encoded', () => {
  const message = fc.uint8Array({ maxLength: 300 })
  const port = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff }))
  const all = fc.tuple(outgoing, message, ipv4, port, ipv4, ipv4, ipv4, fc.boolean())
  fc.assert(
    fc.property(all, ([packet, text, ip, port, own, leaving, next, sealed]) => {
      const { sources, advertised } = packet
      const bytes = written(packet, text, ip, own, sealed)
      const frame = frameOf(bytes)
      const out = new Uint8Array(bytes.length + 60).fill(0xee)
      const end = encodeForwarded(frame, { ip, port, own, leaving, next }, out, 4)
      const isFirst = sources.length === 0
      const hasRoom = frame.origin >= 0
      // An ADDRESS without room for the port leaves none for another.
      if (sources.length === 62 || (isFirst && port !== 0 && advertised !== undefined && !hasRoom)) {
        expect(end).toBe(0)
        return
      }
      expect(end).toBe(4 + bytes.length + forwardedGrowth(frame, port))
      expect([...out.subarray(0, 4), ...out.subarray(end)].every(byte => byte === 0xee)).toBe(true)
      const made = out.slice(4, end)
      const path = isFirst ? [ip, own] : [...sources, own]
      const isNamed = isFirst && (port !== 0 || hasRoom)
      const words = [...(advertised?.addresses ?? [0x01000000, 0x02010000, 0])]
      if (isNamed) words.splice(words.indexOf(0x02010000), 2, 0x02010000 + port, ip)
      const proof = isNamed ? { verno: 0x53455256, ackno: 0x4e45474f, addresses: words } : advertised
      expect(made).toEqual(
        written({ ...packet, sources: path, advertised: proof }, text, leaving, next, sealed),
      )
      expect(originPort(frameOf(made))).toBe(isFirst ? port : 0)
    }),
  )
})

const SYN_SENT = packetOf('salfwd-B', 1)

test('damage stays detectable, and an absent checksum stays absent', () => {
  const packet = { ...outgoingOf(frameOf(SYN_SENT.bytes)) }
  fc.assert(
    fc.property(fc.constantFrom(6, 17), ipv4, ipv4, ipv4, fc.boolean(), (protocol, ip, own, next, sealed) => {
      const bytes = written({ ...packet, protocol }, Uint8Array.of(1, 2, 3), ip, own, sealed)
      bytes[bytes.length - 1] = must(bytes[bytes.length - 1]) ^ 4
      const out = new Uint8Array(300)
      const end = encodeForwarded(frameOf(bytes), { ip, port: 0, own, leaving: own, next }, out, 0)
      const { payload } = frameOf(out.slice(0, end))
      const sum = pseudoSum(own, next, protocol, end - payload)
      if (protocol === PROTOCOL_STREAM) expect(segmentIsIntact(out, payload, end, sum)).toBe(false)
      else {
        expect(read16(out, payload + 6) === 0).toBe(!sealed)
        expect(datagramIsIntact(out, payload, end, sum)).toBe(!sealed)
      }
    }),
  )
})

const HOP = { ip: 1, port: 0, own: 3, leaving: 3, next: 4 }

test('a truncated transport part is forwarded unchanged', () => {
  const { bytes } = SYN_SENT
  const { payload } = frameOf(bytes)
  for (let length = payload; length < payload + 18; length++) {
    const out = new Uint8Array(300)
    const end = encodeForwarded(frameOf(bytes.slice(0, length)), HOP, out, 0)
    expect(end).toBe(length + 12)
    expect(out.slice(payload + 12, end)).toEqual(bytes.slice(payload, length))
  }
})

test('nothing is forwarded that would have more than 10 extensions', () => {
  const { bytes } = SYN_SENT
  const { payload } = frameOf(bytes)
  // CONTROL, SERVICE, and this many PADs of one byte each.
  const sentOn = (pads: number, port: number) => {
    const padded = new Uint8Array(bytes.length + pads)
    padded.set(bytes.subarray(0, payload))
    padded.set(bytes.subarray(payload), payload + pads)
    padded[8] = must(padded[8]) + pads / 4
    padded.fill(0, 10, 12)
    seal(padded, 0, payload + pads, 10, 0)
    const out = new Uint8Array(300)
    const end = encodeForwarded(frameOf(padded), { ...HOP, port }, out, 0)
    if (end > 0) frameOf(out.slice(0, end))
    return end > 0
  }
  expect([sentOn(4, 0), sentOn(4, 9), sentOn(8, 0), sentOn(8, 9)]).toEqual([true, true, false, false])
})

describe("through any chain of our routers and the prototype's,", () => {
  const NEXT = [11, 12, 13, 14].map(last => 0x0a000000 + last)
  const CLIENT = 0x0a000001

  /** Our router sends from the address that it received at. */
  const weForward = ({ source, destination, bytes }: Carried, next: number, port: number): Carried => {
    const out = new Uint8Array(bytes.length + 40)
    const hop = { ip: source, port, own: destination, leaving: destination, next }
    const end = encodeForwarded(frameOf(bytes), hop, out, 0)
    return { source: destination, destination: next, bytes: out.slice(0, end) }
  }

  const chains = [1, 2, 3].flatMap(length =>
    Array.from({ length: 2 ** length }, (_, which) =>
      Array.from({ length }, (_, i) => ((which >> i) & 1 ? 'ours' : 'prototype')),
    ),
  )

  test.for(chains.map(chain => [chain.join(', '), chain] as const))('%s', ([, chain]) => {
    for (const protocol of [6, 17])
      for (const port of [0, 40_000]) {
        const packet = { ...outgoingOf(frameOf(SYN_SENT.bytes)), protocol }
        const bytes = written(packet, Uint8Array.of(1, 2, 3), CLIENT, must(NEXT[0]), true)
        let at: Carried = { source: CLIENT, destination: must(NEXT[0]), bytes }
        for (const [i, kind] of chain.entries())
          at =
            kind === 'ours'
              ? weForward(at, must(NEXT[i + 1]), i === 0 ? port : 7)
              : prototypeForwards(at, must(NEXT[i + 1]))
        const frame = frameOf(at.bytes)
        const sum = pseudoSum(at.source, at.destination, protocol, at.bytes.length - frame.payload)
        const isIntact = protocol === PROTOCOL_STREAM ? segmentIsIntact : datagramIsIntact
        expect(isIntact(at.bytes, frame.payload, at.bytes.length, sum)).toBe(true)
        expect(originIp(frame)).toBe(CLIENT)
        // A prototype router that comes first writes no port, and its reserved bytes mean nothing.
        expect(originPort(frame)).toBe(chain[0] === 'ours' ? port : 0)
        expect(frame.sourceCount).toBe(chain.length + 1)
      }
  })
})

describe('the port of the origin', () => {
  const forged = (ip: number, port: number, packet: Partial<Outgoing> = {}) => {
    const addresses = [0x01000000, 0x02010000 + port, ip]
    const advertised = { verno: 0x53455256, ackno: 0x4e45474f, addresses }
    return frameOf(
      written({ ...outgoingOf(frameOf(SYN_SENT.bytes)), advertised, ...packet }, Uint8Array.of(), 1, 2, true),
    )
  }

  test("is ignored beside another host's SOURCE, and if it is invalid", () => {
    expect(originPort(forged(5, 80, { sources: [5, 6] }))).toBe(80)
    expect(originPort(forged(5, 80, { sources: [6, 5] }))).toBe(0)
    expect(originPort(forged(5, 0, { sources: [5, 6] }))).toBe(0)
    const other = { verno: 0x53455256, ackno: 0x504f5255, addresses: [0x01000000, 0x02010050, 5] }
    expect(originPort(forged(5, 80, { sources: [5, 6], advertised: other }))).toBe(0)
  })

  test('written by a sender is corrected by the first router', () => {
    for (const port of [0, 40_000]) {
      const out = new Uint8Array(300)
      const end = encodeForwarded(forged(1, 53), { ...HOP, port }, out, 0)
      expect(originPort(frameOf(out.slice(0, end)))).toBe(port)
    }
  })

  test('takes the room that a sender has left for it, and keeps what else the sender negotiates', () => {
    const out = new Uint8Array(300)
    const said = { capabilities: 5, addressSum: 0xbeef, hasOrigin: 1 }
    const packet = forged(0, 0, { advertised: negotiate(said) })
    const end = encodeForwarded(packet, { ...HOP, port: 40_000 }, out, 0)
    expect(frameOf(out.slice(0, end))).toMatchObject({ capabilities: 5, addressSum: 0xbeef, sourceCount: 2 })
    expect(originPort(frameOf(out.slice(0, end)))).toBe(40_000)
    expect(end - (packet.end - packet.start)).toBe(forwardedGrowth(packet, 40_000))
    const without = forged(0, 0, { advertised: negotiate({ ...said, hasOrigin: 0 }) })
    expect(encodeForwarded(without, { ...HOP, port: 40_000 }, out, 0)).toBe(0)
  })

  test('is a negotiation of three words', () => {
    const out = new Uint8Array(PORT_BYTES + 1).fill(0xee)
    encodePort(0x0a000001, 40_000, out, 0)
    expect(Buffer.from(out).toString('hex')).toBe('30180000534552564e45474f0100000002019c400a000001ee')
  })
})
