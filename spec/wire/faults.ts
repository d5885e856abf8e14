import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'

/**
 * Faults of packets, by number. Decoding returns one instead of throwing, because malformed packets may arrive by the
 * million. 0 means none.
 */
export const WIRE_FAULT = {
  SHORT: 1,
  HEADER_LENGTH: 2,
  CHECK: 3,
  PROTOCOL: 4,
  EXTENSION_COUNT: 5,
  EXTENSION_TYPE: 6,
  EXTENSION_LENGTH: 7,
  EXTENSION_REPEATED: 8,
  FLAGS: 9,
  NAMELESS: 10,
  SEGMENT_SHORT: 11,
  SEGMENT_OFFSET: 12,
  OPTION_LENGTH: 13,
  DATAGRAM_SHORT: 14,
  DATAGRAM_LENGTH: 15,
  NEGOTIATION: 16,
} as const

export type WireFault = keyof typeof WIRE_FAULT

/** The meaning of each fault, and what to check. */
export const WIRE_SENTENCES: Readonly<Record<WireFault, string>> = {
  SHORT: 'The packet is shorter than the 12 bytes of a base header: it was cut off, or is not SAL.',
  HEADER_LENGTH:
    'The length in the header is below that of a base header, or beyond the packet: the packet was cut.',
  CHECK: 'The checksum of the header is wrong: the header was damaged, or changed without a new checksum.',
  PROTOCOL: 'The protocol is neither stream (6) nor datagram (17): send only these.',
  EXTENSION_COUNT: 'There are more than 10 extensions: send fewer.',
  EXTENSION_TYPE: 'An extension has an unknown type: send only known types.',
  EXTENSION_LENGTH: 'An extension extends beyond the header, or has the wrong length for its type.',
  EXTENSION_REPEATED:
    'There is a second CONTROL, ADDRESS or SOURCE, or a third SERVICE: send at most the allowed number.',
  FLAGS: 'The flags of CONTROL are 0, or form no packet: docs/wire.md lists the valid combinations.',
  NAMELESS: 'A SYN has no SERVICE: add the requested serviceID.',
  SEGMENT_SHORT: 'The transport part is shorter than the 20 bytes of a TCP header.',
  SEGMENT_OFFSET: "TCP's data offset is below 5 words, or beyond the end of the packet.",
  OPTION_LENGTH: 'A TCP option extends beyond the header, or has the wrong length for its kind.',
  DATAGRAM_SHORT: 'The transport part is shorter than the 8 bytes of a UDP header.',
  DATAGRAM_LENGTH: "UDP's length is below its own 8 bytes, or beyond the end of the packet.",
  NEGOTIATION:
    'A negotiation has no version, or a parameter that has the wrong size, extends beyond it or is repeated.',
}

/** Invalid arguments of an encoder. Unlike a fault, such an error is a bug of the caller. */
export const WIRE_ERRORS = {
  WIRE_ROOM: [
    'The buffer is too short for the packet, or a datagram is too long for its length field.',
    'Give a longer buffer, or a shorter datagram.',
  ],
  WIRE_SERVICE: [
    'A serviceID is not 32 bytes, or there is one for the source and none for the destination.',
    'Give 32 bytes for each.',
  ],
  WIRE_SOURCES: ['SOURCE holds 2 to 62 addresses.', 'Give as many.'],
  WIRE_ADDRESSES: ['ADDRESS holds 60 words at most.', 'Give fewer.'],
} as const satisfies ErrorTable

export type WireCode = keyof typeof WIRE_ERRORS

/** The message says what to do. */
export class WireError extends CodedError<WireCode> {
  override readonly name = 'WireError'
}
