/** Random headers, segments and bytes for fast-check. */
import fc from 'fast-check'
import { LEAST_SOURCES, MOST_ADDRESSES, MOST_SOURCES } from '../format.ts'
import type { Outgoing } from '../header.ts'
import { MOST_LINES, type Negotiation, negotiate } from '../negotiation.ts'
import type { Segment } from '../segment.ts'

/** 32 bits, with the ends of the range and both sides of the sign bit more often. */
export const uint32 = fc.oneof(
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
)

const serviceId = fc.uint8Array({ minLength: 32, maxLength: 32 })

const challenge = fc.option(fc.record({ high: uint32, low: uint32 }), { nil: undefined })

const byte = fc.integer({ min: 0, max: 0xff })
const half = fc.integer({ min: 0, max: 0xffff })
const mac = fc.record({ high: uint32, low: uint32 })

const join = fc.record({ flags: half, flow: uint32, mac })

const advert = fc.record({
  version: half,
  lines: fc.array(fc.record({ kind: byte, wishes: byte, port: half, word: uint32 }), {
    maxLength: MOST_LINES,
  }),
  mac,
})

/** The parameters of a packet with several flows, of which no packet has all: they would not fit. */
const several = fc.oneof(
  fc.record({
    key: challenge,
    join: fc.option(join, { nil: undefined }),
    advertised: fc.constant(undefined),
  }),
  fc.record({
    key: fc.constant(undefined),
    join: fc.constant(undefined),
    advertised: fc.option(advert, { nil: undefined }),
  }),
)

const single = fc.record({
  capabilities: fc.integer({ min: 0, max: 0xffff }),
  addressSum: fc.integer({ min: 0, max: 0xffff }),
  hasOrigin: fc.constantFrom(0, 1),
  token: fc.option(fc.record({ high: uint32, low: uint32 }), { nil: undefined }),
  challenge,
  echo: challenge,
  repetition: fc.option(
    fc.record({ attempt: fc.integer({ min: 0, max: 0xffff }), refused: fc.array(uint32, { maxLength: 8 }) }),
    { nil: undefined },
  ),
  echoed: fc.option(fc.record({ version: half, mac }), { nil: undefined }),
})

export const negotiation: fc.Arbitrary<Negotiation> = fc
  .tuple(single, several)
  .map(([one, more]) => ({ ...one, ...more }))

/** A header that can be encoded. Without CONTROL its fields are 0, as after decoding. */
export const outgoing: fc.Arbitrary<Outgoing> = fc
  .record({
    srcFlow: uint32,
    dstFlow: uint32,
    protocol: fc.constantFrom(6, 17),
    flags: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 255 })),
    verno: uint32,
    ackno: uint32,
    nonceHigh: uint32,
    nonceLow: uint32,
    service: fc.option(serviceId, { nil: undefined }),
    sourceService: fc.option(serviceId, { nil: undefined }),
    sources: fc.oneof(
      fc.constant([]),
      fc.array(uint32, { minLength: LEAST_SOURCES, maxLength: MOST_SOURCES, size: 'max' }),
    ),
    advertised: fc.option(
      fc.oneof(
        fc.record({
          verno: uint32,
          ackno: uint32,
          addresses: fc.array(uint32, { maxLength: MOST_ADDRESSES, size: 'max' }),
        }),
        negotiation.map(negotiate),
      ),
      { nil: undefined },
    ),
  })
  .map(packet => ({
    ...packet,
    ...(packet.flags === 0 && { verno: 0, ackno: 0, nonceHigh: 0, nonceLow: 0 }),
    ...(packet.service === undefined && { sourceService: undefined }),
  }))

const blocks = fc.uint32Array({ minLength: 4, maxLength: 4 })

/** A segment whose options fit. */
export const segment: fc.Arbitrary<Segment> = fc
  .record({
    seq: uint32,
    ack: uint32,
    flags: fc.integer({ min: 0, max: 255 }),
    window: fc.integer({ min: 0, max: 0xffff }),
    mss: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff })),
    windowScale: fc.integer({ min: -1, max: 14 }),
    sackPermitted: fc.constantFrom(0, 1),
    tsval: uint32,
    tsecr: uint32,
    hasTimestamp: fc.constantFrom(0, 1),
    sackCount: fc.integer({ min: 0, max: 4 }),
    sackLeft: blocks,
    sackRight: blocks,
    data: fc.constantFrom(0, 1, 3, 7),
    dataAck: uint32,
    dataSeq: uint32,
    payload: fc.constant(0),
    end: fc.constant(0),
  })
  .map(drawn => ({
    ...drawn,
    ...(drawn.hasTimestamp === 0 && { tsval: 0, tsecr: 0 }),
    ...(drawn.data === 0 && { dataAck: 0 }),
    ...(drawn.data < 3 && { dataSeq: 0 }),
  }))
