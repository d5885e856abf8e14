import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { foldSum, INTACT, internetSum, pseudoSum } from '../../spec/wire/sum.ts'
import { type Address, ipOf, ipv6Of, isIPv4, parseAddress } from './address.ts'
import { packetLength, readPacket, writePacket } from './ipPacket.ts'
import type { Datagram } from './link.ts'
import { datagrams } from './testing/datagrams.ts'

describe('packets', () => {
  test('survive the round trip with their datagrams', () => {
    fc.assert(
      fc.property(datagrams, fc.integer({ min: 0, max: 9 }), (datagram, at) => {
        const length = packetLength(datagram)
        const out = new Uint8Array(at + length + 5).fill(255)
        writePacket(datagram, out, at)
        expect(readPacket(out, at, at + length)).toEqual(datagram)
        expect([...out.subarray(0, at), ...out.subarray(at + length)].every(byte => byte === 255)).toBe(true)
      }),
    )
  })

  test('have valid checksums', () => {
    fc.assert(
      fc.property(datagrams, datagram => {
        const length = packetLength(datagram)
        const out = new Uint8Array(length)
        writePacket(datagram, out, 0)
        const header = isIPv4(datagram.from) ? 20 : 40
        if (header === 20) expect(foldSum(internetSum(out, 0, 20))).toBe(INTACT)
        const pseudo =
          header === 20
            ? pseudoSum(ipOf(datagram.from), ipOf(datagram.to), 17, length - 20)
            : [datagram.from, datagram.to].reduce(
                (sum, a) => internetSum(must(ipv6Of(a)), 0, 16, sum),
                17 + length - 40,
              )
        expect(foldSum(internetSum(out, header, length, pseudo))).toBe(INTACT)
        expect(must(out[header + 6]) + must(out[header + 7])).toBeGreaterThan(0)
      }),
    )
  })

  test('write a checksum of 0 as all ones', () => {
    const datagram = (last: number): Datagram => ({
      from: parseAddress('10.0.0.1:1'),
      to: parseAddress('10.0.0.2:1'),
      bytes: Uint8Array.of(last >> 8, last & 255),
    })
    const written = Array.from({ length: 65536 }, (_, last) => {
      const out = new Uint8Array(30)
      writePacket(datagram(last), out, 0)
      return must(out[26]) * 256 + must(out[27])
    })
    expect(written.includes(0)).toBe(false)
    expect(written.filter(sum => sum === 0xffff)).toHaveLength(1)
  })

  test('have a length, unless no packet can carry the datagram', () => {
    const [v4, v6] = [parseAddress('10.0.0.1:1'), parseAddress('[2001::1]:1')]
    const of = (from: Address, to: Address, length: number) =>
      packetLength({ from, to, bytes: new Uint8Array(length) })
    expect([of(v4, v4, 0), of(v6, v6, 0)]).toEqual([28, 48])
    expect([of(v4, v4, 65507), of(v6, v6, 65527)]).toEqual([65535, 65575])
    expect([of(v4, v4, 65508), of(v6, v6, 65528)]).toEqual([-1, -1])
    expect([of(v4, v6, 1), of(v6, v4, 1), of(0, v4, 1), of(v6, 0, 1), of(v6, 2 ** 53 - 1, 1)]).toEqual(
      Array(5).fill(-1),
    )
  })

  test('all other packets are rejected, and no bytes do harm', () => {
    // With this port a header of 16 bytes would still look like an IP header.
    const whole = {
      from: parseAddress('10.0.0.1:12'),
      to: parseAddress('10.0.0.2:1'),
      bytes: new Uint8Array(9),
    }
    const out = new Uint8Array(packetLength(whole))
    writePacket(whole, out, 0)
    const changed = (at: number, value: number) => readPacket(out.with(at, value), 0, out.length)
    expect(readPacket(out, 0, out.length)).toEqual(whole)
    for (const end of [0, 19, 27, out.length - 1]) expect(readPacket(out, 0, end)).toBeUndefined()
    // Version, header length, total length, fragments, protocol, port 0, UDP length.
    const wrong = [
      [0, 0x55],
      [0, 0x44],
      [0, 0x4f],
      [2, 1],
      [3, 27],
      [6, 0x20],
      [7, 1],
      [9, 6],
      [21, 0],
      [23, 0],
      [25, 7],
      [25, 18],
    ]
    for (const [at, value] of wrong) expect(changed(must(at), must(value))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0x45, 0x46, 0x60), (any, first) => {
        const data = Uint8Array.of(first, ...any)
        const read = readPacket(data, 0, data.length)
        expect(read === undefined || read.bytes.length < data.length).toBe(true)
      }),
    )
  })
})
