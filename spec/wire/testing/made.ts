/** Packets with features that no capture has: PAD, ADDRESS, unusual orders, TCP options beyond MSS and window scale. */
import { encodeSegmentHeader, newSegment } from '../segment.ts'
import { type Extension, naiveEncode } from './naive.ts'

const control: Extension = {
  type: 'control',
  flags: 0x40,
  verno: 7,
  ackno: 0xfffffff0,
  nonceHigh: 1,
  nonceLow: 2,
}
const service: Extension = { type: 'service', id: new Uint8Array(32).fill(0x5e) }
const address: Extension = { type: 'address', verno: 1, ackno: 2, list: [0x0a010002, 0x0a020002] }
/** A negotiation with the parameters that receivers know, and one that they skip. */
const negotiation: Extension = {
  type: 'address',
  verno: 0x53455256,
  ackno: 0x4e45474f,
  list: [
    0x01000001, 0x0100beef, 0x02010000, 0, 0x7f01abcd, 0, 0x03020000, 7, 8, 0x04020000, 0x01234567,
    0x89abcdef, 0x05020000, 2, 3,
  ],
}
/** The same of a connection with several flows: a key and a join, an advertisement and an echo. */
const several = (...list: number[]): Extension => ({
  ...{ type: 'address', verno: 0x53455256, ackno: 0x4e45474f },
  list: [0x01000010, ...list],
})
const joining = several(0x07020000, 1, 2, 0x08030201, 0xcafebabe, 3, 4)
const advertising = several(0x09060007, 0x0101d435, 0x0a010002, 0x02010000, 5, 6, 7, 0x0a020003, 8, 9)
const source: Extension = { type: 'source', list: [0x0a010001, 0x0a010002, 0x0a030003] }
const pad: Extension = { type: 'pad' }

const make = (
  extensions: readonly Extension[],
  transport: Uint8Array = new Uint8Array(0),
  protocol = 6,
): Uint8Array => naiveEncode({ srcFlow: 0xdeadbeef, dstFlow: 3, protocol, extensions, transport })

/** Returns a segment with the options that `fields` requests, and 8 bytes of payload. */
function segmentWith(fields: Partial<ReturnType<typeof newSegment>>): Uint8Array {
  const segment = Object.assign(newSegment(), { seq: 0x89abcdef, flags: 0x10, window: 512 }, fields)
  const out = new Uint8Array(80)
  return out.subarray(0, encodeSegmentHeader(segment, out, 0) + 8)
}

const blocks = { sackLeft: new Uint32Array([1, 5, 9, 13]), sackRight: new Uint32Array([2, 6, 10, 14]) }
const stamp = { hasTimestamp: 1, tsval: 0xfedcba98, tsecr: 1 }

export const made: readonly Uint8Array[] = [
  make([address]),
  make([pad, pad, control, pad, pad]),
  make([source, address, service, control]),
  make([service, service, control, address, source]),
  make([control, service, negotiation]),
  make([control, service, negotiation, source]),
  make([control, service, joining]),
  make([control, advertising]),
  make(Array.from({ length: 8 }, () => pad)),
  make([], segmentWith({ mss: 1448, windowScale: 1, sackPermitted: 1, ...stamp })),
  make([], segmentWith({ ...stamp, ...blocks, sackCount: 3 })),
  make([], segmentWith({ ...blocks, sackCount: 4 })),
  make([], segmentWith({ ...stamp, data: 7, dataAck: 0x01020304, dataSeq: 0xf0f1f2f3 })),
  make([], segmentWith({ ...stamp, ...blocks, sackCount: 2, data: 1, dataAck: 0xffffffff })),
]
