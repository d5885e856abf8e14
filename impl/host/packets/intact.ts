/** Whether a packet's transport part has the checksum that binds it to its addresses. */
import { datagramIsIntact } from '../../../spec/wire/datagram.ts'
import { PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import { decodeFrame, type Frame, newFrame } from '../../../spec/wire/frame.ts'
import { segmentIsIntact } from '../../../spec/wire/segment.ts'
import type { Address, Datagram } from '../../link/link.ts'
import { pseudoSumOf } from './pseudoHeader.ts'

const own = newFrame()

/** False for what is no packet; true for one without a transport part. */
export const isIntact = ({ from, to, bytes }: Datagram): boolean =>
  decodeFrame(bytes, 0, bytes.length, own) === 0 && frameIsIntact(own, from, to)

/** Whether the checksum is right between these two addresses. */
export function frameIsIntact(frame: Frame, from: Address, to: Address): boolean {
  const { bytes, payload, end, protocol } = frame
  if (payload === end) return true
  const sum = pseudoSumOf(from, to, protocol, end - payload)
  return protocol === PROTOCOL_STREAM
    ? segmentIsIntact(bytes, payload, end, sum)
    : datagramIsIntact(bytes, payload, end, sum)
}

/**
 * Whether a first packet's checksum is that of the IP source, or of the origin. Some routers send from their own address
 * and leave the origin's checksum.
 */
export const firstIsIntact = (frame: Frame, from: Address, origin: Address, to: Address): boolean =>
  frameIsIntact(frame, from, to) || (origin !== from && frameIsIntact(frame, origin, to))
