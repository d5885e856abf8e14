import { WireError } from './faults.ts'
import {
  ADDRESS,
  ADDRESS_BYTES,
  CHECK_OFFSET,
  CONTROL,
  CONTROL_BYTES,
  HEADER_BYTES,
  LEAST_SOURCES,
  MOST_ADDRESSES,
  MOST_SOURCES,
  SERVICE,
  SERVICE_BYTES,
  SERVICE_ID_BYTES,
  SOURCE,
  SOURCE_BYTES,
} from './format.ts'
import { write16, write32 } from './numbers.ts'
import { seal } from './sum.ts'

/** Further addresses of the sender, in ADDRESS. */
export interface Advertisement {
  verno: number
  ackno: number
  /** IPv4, as 32-bit numbers; at most 60. */
  addresses: readonly number[]
}

/** The content of a header. One object may serve all packets; numbers are unsigned 32 bit. */
export interface Outgoing {
  srcFlow: number
  dstFlow: number
  /** 6 stream (TCP), 17 datagram (UDP). */
  protocol: number
  /** 0 means no CONTROL, and the four fields after it are ignored. */
  flags: number
  verno: number
  ackno: number
  nonceHigh: number
  nonceLow: number
  /** 32 bytes: the serviceID of the destination. */
  service: Uint8Array | undefined
  /** 32 bytes: the serviceID to answer to. Only after `service`. */
  sourceService: Uint8Array | undefined
  /** IPv4, as 32-bit numbers: none, or 2 to 62. */
  sources: readonly number[]
  advertised?: Advertisement | undefined
}

/** Returns how many bytes `encodeHeader` would write. Throws WIRE_SERVICE, WIRE_SOURCES, WIRE_ADDRESSES. */
export function headerBytes({ flags, service, sourceService, sources, advertised }: Outgoing): number {
  if (
    (service !== undefined && service.length !== SERVICE_ID_BYTES) ||
    (sourceService !== undefined && (service === undefined || sourceService.length !== SERVICE_ID_BYTES))
  )
    throw new WireError('WIRE_SERVICE', 'give 32 bytes, and that of the source only beside the destination')
  const sourceCount = sources.length
  if (sourceCount !== 0 && (sourceCount < LEAST_SOURCES || sourceCount > MOST_SOURCES))
    throw new WireError(
      'WIRE_SOURCES',
      `give none, or ${LEAST_SOURCES} to ${MOST_SOURCES}, not ${sourceCount}`,
    )
  const addressCount = advertised === undefined ? 0 : advertised.addresses.length
  if (addressCount > MOST_ADDRESSES)
    throw new WireError('WIRE_ADDRESSES', `give ${MOST_ADDRESSES} at most, not ${addressCount}`)
  return (
    HEADER_BYTES +
    (flags === 0 ? 0 : CONTROL_BYTES) +
    (service === undefined ? 0 : SERVICE_BYTES) +
    (sourceService === undefined ? 0 : SERVICE_BYTES) +
    (advertised === undefined ? 0 : ADDRESS_BYTES + 4 * addressCount) +
    (sourceCount === 0 ? 0 : SOURCE_BYTES + 4 * sourceCount)
  )
}

/**
 * Writes header and extensions at `at`, including length and checksum, in the prototype's order: CONTROL, SERVICE,
 * SERVICE, ADDRESS, SOURCE. Returns the offset after them, where the transport part follows. Throws like `headerBytes`,
 * and WIRE_ROOM.
 */
export function encodeHeader(packet: Outgoing, out: Uint8Array, at: number): number {
  const length = headerBytes(packet)
  const end = at + length
  if (end > out.length)
    throw new WireError('WIRE_ROOM', `the header needs ${length} bytes: give a longer buffer`)
  write32(out, at, packet.srcFlow)
  write32(out, at + 4, packet.dstFlow)
  // Every written extension is a whole number of words, so PAD is never needed.
  out[at + 8] = length >>> 2
  out[at + 9] = packet.protocol
  write16(out, at + CHECK_OFFSET, 0)
  let next = at + HEADER_BYTES
  if (packet.flags !== 0) next = encodeControl(packet, out, next)
  if (packet.service !== undefined) next = encodeService(packet.service, out, next)
  if (packet.sourceService !== undefined) next = encodeService(packet.sourceService, out, next)
  if (packet.advertised !== undefined) next = encodeAdvertised(packet.advertised, out, next)
  if (packet.sources.length !== 0) encodeSources(packet.sources, out, next)
  seal(out, at, end, at + CHECK_OFFSET, 0)
  return end
}

/** Writes type and length, then two zero bytes: reserved, or overwritten by CONTROL. */
function begin(type: number, length: number, out: Uint8Array, at: number): void {
  out[at] = type << 4
  out[at + 1] = length
  out[at + 2] = 0
  out[at + 3] = 0
}

function encodeControl(packet: Outgoing, out: Uint8Array, at: number): number {
  begin(CONTROL, CONTROL_BYTES, out, at)
  out[at + 2] = packet.flags
  write32(out, at + 4, packet.verno)
  write32(out, at + 8, packet.ackno)
  write32(out, at + 12, packet.nonceHigh)
  write32(out, at + 16, packet.nonceLow)
  return at + CONTROL_BYTES
}

function encodeService(id: Uint8Array, out: Uint8Array, at: number): number {
  begin(SERVICE, SERVICE_BYTES, out, at)
  out.set(id, at + 4)
  return at + SERVICE_BYTES
}

function encodeAdvertised({ verno, ackno, addresses }: Advertisement, out: Uint8Array, at: number): number {
  begin(ADDRESS, ADDRESS_BYTES + 4 * addresses.length, out, at)
  write32(out, at + 4, verno)
  write32(out, at + 8, ackno)
  return encodeList(addresses, out, at + ADDRESS_BYTES)
}

function encodeSources(sources: readonly number[], out: Uint8Array, at: number): number {
  begin(SOURCE, SOURCE_BYTES + 4 * sources.length, out, at)
  return encodeList(sources, out, at + SOURCE_BYTES)
}

function encodeList(addresses: readonly number[], out: Uint8Array, at: number): number {
  for (let i = 0; i < addresses.length; i++) write32(out, at + 4 * i, addresses[i] as number)
  return at + 4 * addresses.length
}
