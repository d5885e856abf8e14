/** Checks the checksum that binds a packet's transport part to its addresses. */
import { datagramIsIntact } from '../../../spec/wire/datagram.ts'
import { PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import { decodeFrame, type Frame, newFrame } from '../../../spec/wire/frame.ts'
import { segmentIsIntact } from '../../../spec/wire/segment.ts'
import type { Address, Datagram } from '../../link/link.ts'
import { pseudoSumOf } from './pseudoHeader.ts'

const own = newFrame()

/** False for an invalid packet, true for one without a transport part. */
export const isIntact = ({ from, to, bytes }: Datagram): boolean =>
  decodeFrame(bytes, 0, bytes.length, own) === 0 && frameIsIntact(own, from, to)

/** True if the checksum is valid for these two addresses. */
export function frameIsIntact(frame: Frame, from: Address, to: Address): boolean {
  const { bytes, payload, end, protocol } = frame
  if (payload === end) return true
  const sum = pseudoSumOf(from, to, protocol, end - payload)
  return protocol === PROTOCOL_STREAM
    ? segmentIsIntact(bytes, payload, end, sum)
    : datagramIsIntact(bytes, payload, end, sum)
}

/**
 * True if a first packet's checksum is valid for the IP source or for the origin. Some routers send from their own
 * address and leave the origin's checksum.
 */
export const firstIsIntact = (frame: Frame, from: Address, origin: Address, to: Address): boolean =>
  frameIsIntact(frame, from, to) || (origin !== from && frameIsIntact(frame, origin, to))
