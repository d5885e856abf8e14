/** For tests: a router that behaves like the prototype, implemented independently of ours. */

import { sealDatagram } from '../datagram.ts'
import { PROTOCOL_STREAM } from '../format.ts'
import { encodeHeader } from '../header.ts'
import { read16, write16 } from '../numbers.ts'
import { sealSegment } from '../segment.ts'
import { pseudoSum, seal } from '../sum.ts'
import { frameOf, outgoingOf } from './again.ts'

/** A packet with its IP addresses as 32-bit numbers. */
export interface Carried {
  readonly source: number
  readonly destination: number
  readonly bytes: Uint8Array
}

/** Keeps the IP source, adds SOURCE with arbitrary reserved bytes or one address to it, and computes both checksums anew. */
export function prototypeForwards({ source, destination, bytes }: Carried, next: number): Carried {
  const frame = frameOf(bytes)
  const { sources } = outgoingOf(frame)
  const header = {
    ...outgoingOf(frame),
    sources: [...(sources.length > 0 ? sources : [source]), destination],
  }
  const out = new Uint8Array(bytes.length + 12)
  const transport = encodeHeader(header, out, 0)
  const end = transport + bytes.length - frame.payload
  out.set(bytes.subarray(frame.payload), transport)
  write16(out, transport - 4 * header.sources.length - 2, 0xbeef)
  write16(out, 10, 0)
  seal(out, 0, transport, 10, 0)
  const sum = pseudoSum(source, next, frame.protocol, end - transport)
  const field = transport + (frame.protocol === PROTOCOL_STREAM ? 16 : 6)
  const hadSum = read16(out, field) !== 0
  write16(out, field, 0)
  if (frame.protocol === PROTOCOL_STREAM) sealSegment(out, transport, end, sum)
  else if (hadSum) sealDatagram(out, transport, end, sum)
  return { source, destination: next, bytes: out.slice(0, end) }
}
