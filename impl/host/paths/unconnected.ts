/**
 * Datagrams without a connection: each names its destination service, and the service to answer to. They have no flow,
 * no order and no machine; a duplicate is delivered twice.
 */
import { MOST_HOPS } from '../../../spec/machines/resolution/limits.ts'
import {
  DATAGRAM_BYTES,
  decodeDatagram,
  encodeDatagramHeader,
  newDatagramHeader,
  sealDatagram,
} from '../../../spec/wire/datagram.ts'
import { HEADER_BYTES, PROTOCOL_DATAGRAM, SERVICE_BYTES, SOURCE_BYTES } from '../../../spec/wire/format.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { encodeHeader } from '../../../spec/wire/header.ts'
import { PORT_BYTES } from '../../../spec/wire/originPort.ts'
import type { Address, Datagram } from '../../link/link.ts'
import { pseudoSumOf } from '../packets/pseudoHeader.ts'
import { serviceIdAt } from '../services/serviceId.ts'

/** Bytes before the message. */
export const UNCONNECTED_BYTES = HEADER_BYTES + 2 * SERVICE_BYTES + DATAGRAM_BYTES

/** What routers add at most: SOURCE with the origin and every forwarder, and the origin's port. */
export const FORWARDING_BYTES = SOURCE_BYTES + 4 * (1 + MOST_HOPS) + PORT_BYTES

export interface Unconnected {
  readonly from: Address
  readonly to: Address
  /** 32 bytes each: the destination service, and the service to answer to. */
  readonly service: Uint8Array
  readonly source: Uint8Array
  readonly message: Uint8Array
  /** Names the sending socket. The prototype sets it; nothing reads it. */
  readonly srcFlow?: number
}

export function encodeUnconnected(datagram: Unconnected): Datagram {
  const { from, to, service, source, message, srcFlow = 0 } = datagram
  const bytes = new Uint8Array(UNCONNECTED_BYTES + message.length)
  const header = { srcFlow, dstFlow: 0, protocol: PROTOCOL_DATAGRAM, flags: 0, sources: [] }
  const none = { verno: 0, ackno: 0, nonceHigh: 0, nonceLow: 0 }
  const start = encodeHeader({ ...header, ...none, service, sourceService: source }, bytes, 0)
  bytes.set(message, encodeDatagramHeader(message.length, bytes, start))
  const sum = pseudoSumOf(from, to, PROTOCOL_DATAGRAM, bytes.length - start)
  sealDatagram(bytes, start, bytes.length, sum)
  return { from, to, bytes }
}

/** True if a decoded packet has no control part, and names a service. */
export const isUnconnected = (frame: Frame): boolean => frame.flags === 0 && frame.service >= 0

const udp = newDatagramHeader()

/** Reads a packet with valid checksums, and copies what it needs. Undefined if it contains no datagram. */
export function readUnconnected(frame: Frame, from: Address, to: Address): Unconnected | undefined {
  const { bytes, payload, end, service, sourceService, protocol, srcFlow } = frame
  if (protocol !== PROTOCOL_DATAGRAM || sourceService < 0) return undefined
  if (decodeDatagram(bytes, payload, end, udp) !== 0) return undefined
  return {
    from,
    to,
    service: serviceIdAt(bytes, service),
    source: serviceIdAt(bytes, sourceService),
    message: new Uint8Array(bytes.subarray(udp.payload, udp.end)),
    srcFlow,
  }
}
