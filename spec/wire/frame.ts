import { WIRE_FAULT } from './faults.ts'
import {
  ADDRESS,
  ADDRESS_BYTES,
  CONTROL,
  CONTROL_BYTES,
  HEADER_BYTES,
  LEAST_SOURCES,
  MOST_EXTENSIONS,
  PAD,
  PROTOCOL_DATAGRAM,
  PROTOCOL_STREAM,
  SERVICE,
  SERVICE_BYTES,
  SOURCE,
  SOURCE_BYTES,
} from './format.ts'
import { decodeNegotiation } from './negotiation.ts'
import { read32 } from './numbers.ts'
import { foldSum, INTACT, internetSum } from './sum.ts'

/** A decoded packet; one object serves all packets. Offsets refer to `bytes`. Numbers are unsigned 32 bit. */
export interface Frame {
  bytes: Uint8Array
  start: number
  end: number
  srcFlow: number
  dstFlow: number
  /** 6 stream (TCP), 17 datagram (UDP). */
  protocol: number
  /** The offset of the transport part; equals `end` if there is none. */
  payload: number
  /** The flags of CONTROL, never 0 with it; 0 without CONTROL. */
  flags: number
  verno: number
  ackno: number
  nonceHigh: number
  nonceLow: number
  /** The offset of the destination's serviceID, 32 bytes; -1 if absent. */
  service: number
  /** The same for the source: the second SERVICE of a datagram without a connection. */
  sourceService: number
  /** The offset of SOURCE's first address, 4 bytes each; -1 if absent. */
  sources: number
  sourceCount: number
  /** The offset of ADDRESS's verno, followed by its ackno and its addresses, 4 bytes each; -1 if absent. */
  addresses: number
  addressCount: number
  /** The capabilities in a negotiation, 16 bits; 0 if the packet has none. */
  capabilities: number
  /** The sum of the addresses that the transport's checksum covers, 16 bits; -1 if the packet does not say. */
  addressSum: number
  /** The offset of the parameter for a forwarded packet's origin; -1 if absent. */
  origin: number
  /** The offset of the sender's reset token, 8 bytes; -1 if absent. */
  token: number
  /** The offset of the challenge for the receiver's new address, 8 bytes; -1 if absent. */
  challenge: number
  /** The offset of the challenge that the packet returns, 8 bytes; -1 if absent. */
  echo: number
  /** The offset of the parameter of a repeated SYN; -1 if absent. */
  repetition: number
  /** The offset of the sender's key of a connection, 8 bytes; -1 if absent. */
  key: number
  /** The offsets of the parameters with which a flow joins a connection, and of an advertisement and its echo; -1 if absent. */
  join: number
  advertised: number
  echoed: number
  /** Including PAD. */
  extensionCount: number
}

/** Returns a frame to decode packets into, one after the other. */
export const newFrame = (): Frame => ({
  bytes: new Uint8Array(0),
  start: 0,
  end: 0,
  srcFlow: 0,
  dstFlow: 0,
  protocol: 0,
  payload: 0,
  flags: 0,
  verno: 0,
  ackno: 0,
  nonceHigh: 0,
  nonceLow: 0,
  service: -1,
  sourceService: -1,
  sources: -1,
  sourceCount: 0,
  addresses: -1,
  addressCount: 0,
  capabilities: 0,
  addressSum: -1,
  origin: -1,
  token: -1,
  challenge: -1,
  echo: -1,
  repetition: -1,
  key: -1,
  join: -1,
  advertised: -1,
  echoed: -1,
  extensionCount: 0,
})

/**
 * Reads the packet in `bytes` from `start` to `end` (0 <= start <= end <= bytes.length) into `frame`, and reads nothing
 * else. Returns 0, or the number of a WIRE_FAULT; then `frame` is undefined. Never throws.
 */
export function decodeFrame(bytes: Uint8Array, start: number, end: number, frame: Frame): number {
  if (end - start < HEADER_BYTES) return WIRE_FAULT.SHORT
  const length = (bytes[start + 8] as number) * 4
  const payload = start + length
  if (length < HEADER_BYTES || payload > end) return WIRE_FAULT.HEADER_LENGTH
  if (foldSum(internetSum(bytes, start, payload)) !== INTACT) return WIRE_FAULT.CHECK
  const protocol = bytes[start + 9] as number
  if (protocol !== PROTOCOL_STREAM && protocol !== PROTOCOL_DATAGRAM) return WIRE_FAULT.PROTOCOL
  frame.bytes = bytes
  frame.start = start
  frame.end = end
  frame.srcFlow = read32(bytes, start)
  frame.dstFlow = read32(bytes, start + 4)
  frame.protocol = protocol
  frame.payload = payload
  frame.flags = 0
  frame.verno = 0
  frame.ackno = 0
  frame.nonceHigh = 0
  frame.nonceLow = 0
  frame.service = -1
  frame.sourceService = -1
  frame.sources = -1
  frame.sourceCount = 0
  frame.addresses = -1
  frame.addressCount = 0
  frame.capabilities = 0
  frame.addressSum = -1
  frame.origin = -1
  frame.token = -1
  frame.challenge = -1
  frame.echo = -1
  frame.repetition = -1
  frame.key = -1
  frame.join = -1
  frame.advertised = -1
  frame.echoed = -1
  frame.extensionCount = 0
  return length === HEADER_BYTES ? 0 : decodeExtensions(bytes, start + HEADER_BYTES, payload, frame)
}

/** Returns where `decodeFrame` would find the destination's serviceID if the packet is well formed, or -1. Never throws. */
export function glanceService(bytes: Uint8Array): number {
  const end = Math.min(4 * (bytes[8] ?? 0), bytes.length)
  for (let at = HEADER_BYTES; at + SERVICE_BYTES <= end; ) {
    const type = (bytes[at] as number) >>> 4
    const length = type === PAD ? 1 : (bytes[at + 1] as number)
    if (type === SERVICE && length === SERVICE_BYTES) return at + 4
    if (length === 0) return -1
    at += length
  }
  return -1
}

/** Decodes all extensions, which must fill the header exactly. */
function decodeExtensions(bytes: Uint8Array, start: number, end: number, frame: Frame): number {
  let count = 0
  for (let at = start; at < end; ) {
    if (++count > MOST_EXTENSIONS) return WIRE_FAULT.EXTENSION_COUNT
    // The lower half of the byte is reserved, like other bytes below: sent as 0, ignored on arrival.
    const type = (bytes[at] as number) >>> 4
    if (type === PAD) {
      at += 1
      continue
    }
    // Only PAD has no length.
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0
    if (length < 2 || at + length > end) return WIRE_FAULT.EXTENSION_LENGTH
    const fault = decodeExtension(bytes, at, type, length, frame)
    if (fault !== 0) return fault
    at += length
  }
  frame.extensionCount = count
  return 0
}

function decodeExtension(bytes: Uint8Array, at: number, type: number, length: number, frame: Frame): number {
  switch (type) {
    case CONTROL:
      if (length !== CONTROL_BYTES) return WIRE_FAULT.EXTENSION_LENGTH
      if (frame.flags !== 0) return WIRE_FAULT.EXTENSION_REPEATED
      frame.flags = bytes[at + 2] as number
      frame.verno = read32(bytes, at + 4)
      frame.ackno = read32(bytes, at + 8)
      frame.nonceHigh = read32(bytes, at + 12)
      frame.nonceLow = read32(bytes, at + 16)
      return frame.flags === 0 ? WIRE_FAULT.FLAGS : 0
    case SERVICE:
      if (length !== SERVICE_BYTES) return WIRE_FAULT.EXTENSION_LENGTH
      if (frame.sourceService >= 0) return WIRE_FAULT.EXTENSION_REPEATED
      if (frame.service < 0) frame.service = at + 4
      else frame.sourceService = at + 4
      return 0
    case ADDRESS:
      if (length < ADDRESS_BYTES || length % 4 !== 0) return WIRE_FAULT.EXTENSION_LENGTH
      if (frame.addresses >= 0) return WIRE_FAULT.EXTENSION_REPEATED
      frame.addresses = at + 4
      frame.addressCount = (length - ADDRESS_BYTES) >>> 2
      return decodeNegotiation(bytes, at, length, frame)
    case SOURCE:
      if (length < SOURCE_BYTES + 4 * LEAST_SOURCES || length % 4 !== 0) return WIRE_FAULT.EXTENSION_LENGTH
      if (frame.sources >= 0) return WIRE_FAULT.EXTENSION_REPEATED
      frame.sources = at + SOURCE_BYTES
      frame.sourceCount = (length - SOURCE_BYTES) >>> 2
      return 0
    default:
      return WIRE_FAULT.EXTENSION_TYPE
  }
}
