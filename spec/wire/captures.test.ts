/** All of the prototype's packets are decoded, classified, verified, and encoded again to the same bytes. */
import { describe, expect, test } from 'vitest'
import { ACK, DATA, FIN, KINDS, RST, RSYN, RSYNACK, SYN, SYNACK } from '../machines/flow/packets.ts'
import { datagramIsIntact, sealDatagram } from './datagram.ts'
import { PROTOCOL_STREAM } from './format.ts'
import { finOf, flagsOf, kindOf } from './kinds.ts'
import { read16 } from './numbers.ts'
import { sealSegment, segmentIsIntact } from './segment.ts'
import { pseudoSum } from './sum.ts'
import { frameOf, writeAgain } from './testing/again.ts'
import { type Captured, captured, salPackets } from './testing/pcap.ts'

const nameOf = ({ file, number }: Captured): string => `${file} ${number}`

/** The packet in the captures whose UDP checksum was computed before its source address was known. */
const SEALED_TOO_SOON = 'udp-unconn2-B 2'

const sumOf = (packet: Captured, length: number): number => {
  const { protocol } = frameOf(packet.bytes)
  const source = nameOf(packet) === SEALED_TOO_SOON ? 0 : packet.source
  return pseudoSum(source, packet.destination, protocol, length)
}

test('the captures are complete', () => {
  expect(new Set(captured.map(({ file }) => file)).size).toBe(48)
  expect(salPackets.length).toBe(4475)
  expect(captured.filter(({ protocol }) => protocol === 1).map(nameOf)).toEqual([
    'flowid-collision-B 15',
    'flowid-collision-B 16',
  ])
})

test('every packet decodes, and encodes to the same bytes, including checksums', () => {
  const out = new Uint8Array(2000)
  const different = salPackets.filter(packet => {
    out.fill(0xee)
    const { start, transport, end } = writeAgain(packet.bytes, out, 5)
    const { protocol } = frameOf(packet.bytes)
    const sum = sumOf(packet, end - transport)
    if (transport < end && protocol === PROTOCOL_STREAM) sealSegment(out, transport, end, sum)
    else if (transport < end && read16(packet.bytes, transport - start + 6) !== 0)
      sealDatagram(out, transport, end, sum)
    const untouched = out.subarray(0, 5).every(b => b === 0xee) && out.subarray(end).every(b => b === 0xee)
    return !untouched || Buffer.compare(out.subarray(start, end), packet.bytes) !== 0
  })
  expect(different.map(nameOf)).toEqual([])
})

test('the checksum of every transport part is valid, and invalid for another address', () => {
  const isIntact = (packet: Captured, more: number): boolean => {
    const { bytes, payload, end, protocol } = frameOf(packet.bytes)
    if (payload === end) return true
    const sum = sumOf(packet, end - payload) + more
    return protocol === PROTOCOL_STREAM
      ? segmentIsIntact(bytes, payload, end, sum)
      : datagramIsIntact(bytes, payload, end, sum)
  }
  expect(salPackets.filter(packet => !isIntact(packet, 0)).map(nameOf)).toEqual([])
  const withoutChecksum = salPackets.filter(packet => {
    const { bytes, payload, end, protocol } = frameOf(packet.bytes)
    return payload === end || (protocol !== PROTOCOL_STREAM && read16(bytes, payload + 6) === 0)
  })
  expect(salPackets.filter(packet => isIntact(packet, 1))).toEqual(withoutChecksum)
})

describe('kinds', () => {
  /** How often each kind with its flags (hexadecimal) occurs. */
  const seen = new Map<string, number>()
  for (const { bytes } of salPackets) {
    const frame = frameOf(bytes)
    const kind = kindOf(frame)
    const name = `${KINDS[kind]}${finOf(frame) ? '+fin' : ''} ${frame.flags.toString(16).padStart(2, '0')}`
    seen.set(name, (seen.get(name) ?? 0) + 1)
  }

  test('of all packets, by flags', () => {
    expect(Object.fromEntries([...seen].sort())).toEqual({
      'SYN 80': 54,
      'SYNACK a0': 46,
      'ACK 20': 148,
      'RSYN 40': 30,
      'RSYN+fin 44': 2,
      'RSYNACK 60': 70,
      'RSYNACK+fin 64': 2,
      'FIN 04': 74,
      'RST 28': 10,
      'DATA 00': 4039,
    })
  })

  test("encode to the prototype's flags", () => {
    for (const { bytes } of salPackets) {
      const frame = frameOf(bytes)
      expect(flagsOf(kindOf(frame), finOf(frame))).toBe(frame.flags)
    }
    expect([SYN, SYNACK, ACK, RSYN, RSYNACK, FIN, RST, DATA].map(kind => flagsOf(kind, 0))).toEqual([
      0x80, 0xa0, 0x20, 0x40, 0x60, 0x04, 0x28, 0,
    ])
  })
})
