/** Decodes a packet and encodes it again from nothing but the decoded fields. */
import { decodeDatagram, encodeDatagramHeader, newDatagramHeader } from '../datagram.ts'
import { PROTOCOL_STREAM, SERVICE_ID_BYTES } from '../format.ts'
import { decodeFrame, type Frame, newFrame } from '../frame.ts'
import { encodeHeader, type Outgoing } from '../header.ts'
import { read32 } from '../numbers.ts'
import { decodeSegment, encodeSegmentHeader, newSegment } from '../segment.ts'

const listAt = (bytes: Uint8Array, at: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => read32(bytes, at + 4 * i))

/** Returns an encoder's input for this frame's header. */
export function outgoingOf(frame: Frame): Outgoing {
  const { bytes, service, sourceService, sources, sourceCount, addresses, addressCount } = frame
  const idAt = (at: number) => (at < 0 ? undefined : bytes.slice(at, at + SERVICE_ID_BYTES))
  return {
    srcFlow: frame.srcFlow,
    dstFlow: frame.dstFlow,
    protocol: frame.protocol,
    flags: frame.flags,
    verno: frame.verno,
    ackno: frame.ackno,
    nonceHigh: frame.nonceHigh,
    nonceLow: frame.nonceLow,
    service: idAt(service),
    sourceService: idAt(sourceService),
    sources: listAt(bytes, sources, sourceCount),
    advertised:
      addresses < 0
        ? undefined
        : {
            verno: read32(bytes, addresses),
            ackno: read32(bytes, addresses + 4),
            addresses: listAt(bytes, addresses + 8, addressCount),
          },
  }
}

/** Decodes a valid packet. */
export function frameOf(bytes: Uint8Array): Frame {
  const frame = newFrame()
  const fault = decodeFrame(bytes, 0, bytes.length, frame)
  if (fault !== 0) throw new Error(`fault ${fault}`)
  return frame
}

/**
 * Encodes the packet again inside a longer buffer, with transport checksum 0 for the caller to seal. Returns where it
 * begins, where its transport part begins, and where it ends.
 */
export function writeAgain(packet: Uint8Array, out: Uint8Array, start: number) {
  const frame = frameOf(packet)
  const transport = encodeHeader(outgoingOf(frame), out, start)
  if (frame.payload === frame.end) return { start, transport, end: transport }
  let payload: number
  let next: number
  if (frame.protocol === PROTOCOL_STREAM) {
    const segment = newSegment()
    if (decodeSegment(packet, frame.payload, frame.end, segment) !== 0) throw new Error('not a segment')
    payload = segment.payload
    next = encodeSegmentHeader(segment, out, transport)
  } else {
    const header = newDatagramHeader()
    if (decodeDatagram(packet, frame.payload, frame.end, header) !== 0) throw new Error('not a datagram')
    payload = header.payload
    next = encodeDatagramHeader(header.end - header.payload, out, transport)
  }
  out.set(packet.subarray(payload), next)
  return { start, transport, end: next + packet.length - payload }
}
