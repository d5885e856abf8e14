/** Checks the checksum that binds a packet's transport part to its addresses, or to its flow. */
import { FLOW_CHECKSUM } from '../../../spec/machines/flow/capabilities.ts'
import { datagramIsIntact } from '../../../spec/wire/datagram.ts'
import { PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import { originIp } from '../../../spec/wire/forward.ts'
import { decodeFrame, type Frame, newFrame } from '../../../spec/wire/frame.ts'
import { read32 } from '../../../spec/wire/numbers.ts'
import { segmentIsIntact } from '../../../spec/wire/segment.ts'
import { pseudoSum } from '../../../spec/wire/sum.ts'
import { ipOf } from '../../link/address.ts'
import type { Address, Datagram } from '../../link/link.ts'
import { pseudoSumOf } from './pseudoHeader.ts'

const own = newFrame()

/** False for an invalid packet, true for one without a transport part. The packet may be data of any flow. */
export const isIntact = ({ from, to, bytes }: Datagram): boolean =>
  decodeFrame(bytes, 0, bytes.length, own) === 0 && strangerIsIntact(own, from, to)

/** Of a packet whose flow is unknown: data may have either checksum. */
export const strangerIsIntact = (frame: Frame, from: Address, to: Address): boolean =>
  frameIsIntact(frame, from, to, 0) || frameIsIntact(frame, from, to, FLOW_CHECKSUM)

/**
 * True if the checksum is valid. A control packet may name the addresses that its checksum covers, because a translator
 * (NAT) may have changed them. The checksum of data covers the flowIDs in place of the addresses if `capabilities`, those
 * of its flow, include FLOW_CHECKSUM. Every other packet's checksum covers these two addresses.
 */
export function frameIsIntact(frame: Frame, from: Address, to: Address, capabilities: number): boolean {
  const { payload, end, protocol, flags, addressSum } = frame
  if (payload === end) return true
  const length = end - payload
  const isControl = flags !== 0
  if (isControl && addressSum >= 0) return isSealed(frame, addressSum + pseudoSum(0, 0, protocol, length))
  if (!isControl && (capabilities & FLOW_CHECKSUM) !== 0)
    return isSealed(frame, pseudoSum(frame.srcFlow, frame.dstFlow, protocol, length))
  return isSealed(frame, pseudoSumOf(from, to, protocol, length))
}

const isSealed = ({ bytes, payload, end, protocol }: Frame, sum: number): boolean =>
  protocol === PROTOCOL_STREAM
    ? segmentIsIntact(bytes, payload, end, sum)
    : datagramIsIntact(bytes, payload, end, sum)

/**
 * True if a first packet's checksum is valid for the IP source or for the origin. Some routers send from their own
 * address and leave the origin's checksum.
 */
export function firstIsIntact(frame: Frame, from: Address, origin: Address, to: Address): boolean {
  if (frame.flags !== 0 && frame.addressSum >= 0 && frame.sourceCount > 0) return isCarriedOn(frame, from, to)
  return frameIsIntact(frame, from, to, 0) || (origin !== from && frameIsIntact(frame, origin, to, 0))
}

/**
 * Routers correct the checksum by the change from the addresses that the first one saw (SOURCE's first two) to those
 * that the receiver sees. Some leave the source out.
 */
function isCarriedOn(frame: Frame, from: Address, to: Address): boolean {
  const { bytes, payload, end, protocol, addressSum, sources } = frame
  const sum =
    addressSum + pseudoSum(0, ipOf(to), protocol, end - payload) + complement(read32(bytes, sources + 4))
  return (
    isSealed(frame, sum + pseudoSum(ipOf(from), 0, 0, 0) + complement(originIp(frame))) ||
    isSealed(frame, sum)
  )
}

/** Subtracts a 32-bit number in a ones' complement sum. */
const complement = (ip: number): number => ((ip >>> 16) ^ 0xffff) + ((ip & 0xffff) ^ 0xffff)
