/** Which checksums a receiver accepts. */
import { expect, test } from 'vitest'
import { FLOW_CHECKSUM } from '../../../spec/machines/flow/capabilities.ts'
import { FLAG_ACK, PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import { encodeHeader } from '../../../spec/wire/header.ts'
import { negotiate } from '../../../spec/wire/negotiation.ts'
import { pseudoSum } from '../../../spec/wire/sum.ts'
import { frameOf } from '../../../spec/wire/testing/again.ts'
import { parseAddress } from '../../link/address.ts'
import { firstIsIntact, frameIsIntact, strangerIsIntact } from './intact.ts'
import { sealWith } from './packets.ts'

const FROM = parseAddress('203.0.113.1')
const TO = parseAddress('198.51.100.9')
/** The sum of two other addresses, which a translator replaced. */
const ADDRESS_SUM = 0x1234
const SEGMENT_BYTES = 20

/** A packet whose checksum covers the addresses that its negotiation names. */
function named(flags: number, sources: readonly number[] = []) {
  const bytes = new Uint8Array(200)
  const start = encodeHeader(
    {
      srcFlow: 1,
      dstFlow: 2,
      protocol: PROTOCOL_STREAM,
      flags,
      verno: 1,
      ackno: 1,
      nonceHigh: 0,
      nonceLow: 0,
      service: undefined,
      sourceService: undefined,
      sources,
      advertised: negotiate({ addressSum: ADDRESS_SUM }),
    },
    bytes,
    0,
  )
  const end = start + SEGMENT_BYTES
  sealWith(PROTOCOL_STREAM, bytes, start, end, ADDRESS_SUM + pseudoSum(0, 0, PROTOCOL_STREAM, SEGMENT_BYTES))
  return frameOf(bytes.subarray(0, end))
}

test('a control packet may name the addresses that its checksum covers', () => {
  const frame = named(FLAG_ACK)
  expect([frameIsIntact(frame, FROM, TO, FLOW_CHECKSUM), strangerIsIntact(frame, FROM, TO)]).toEqual([
    true,
    true,
  ])
})

test('data may not: its checksum covers its own addresses, or its flowIDs', () => {
  const frame = named(0)
  expect(frame.addressSum).toBe(ADDRESS_SUM)
  expect([
    frameIsIntact(frame, FROM, TO, 0),
    frameIsIntact(frame, FROM, TO, FLOW_CHECKSUM),
    strangerIsIntact(frame, FROM, TO),
  ]).toEqual([false, false, false])
})

test('a datagram without a connection may not, also if routers have forwarded it', () => {
  expect(firstIsIntact(named(0), FROM, FROM, TO)).toBe(false)
  // The sum that a router's correction would lead to, if the receiver read the parameter.
  const forwarded = named(0, [0, 0])
  const unchanged = parseAddress('0.0.0.0')
  expect([forwarded.sourceCount, firstIsIntact(forwarded, unchanged, unchanged, unchanged)]).toEqual([
    2,
    false,
  ])
})
