import type { ErrorTable } from '../../checker/text/errorTable.ts'

/**
 * What can be wrong with a packet, by number: decoding returns one of these instead of throwing, because a packet is
 * nobody's mistake here and millions of them may come. 0 is none.
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
} as const

export type WireFault = keyof typeof WIRE_FAULT

/** What each fault means, and what to look at. */
export const WIRE_SENTENCES: Readonly<Record<WireFault, string>> = {
  SHORT:
    'The packet has fewer than the 12 bytes of a base header: see whether it was cut off, or is not SAL at all.',
  HEADER_LENGTH:
    'The header says that it is shorter than a base header, or longer than its packet: see who cut it.',
  CHECK: 'The checksum of the header is wrong: it was damaged, or changed by someone who did not redo it.',
  PROTOCOL: 'What follows the header is neither a stream (6) nor a datagram (17): nothing else is carried.',
  EXTENSION_COUNT: 'There are more than 10 extensions: send fewer.',
  EXTENSION_TYPE: 'An extension has a type that is not known: send only what both ends have agreed on.',
  EXTENSION_LENGTH:
    'An extension is longer than what is left of the header, or not as long as its type says.',
  EXTENSION_REPEATED:
    'There is a second CONTROL, ADDRESS or SOURCE, or a third SERVICE: which one counts is not said.',
  FLAGS:
    'The flags of CONTROL are none, or a combination that no packet has: see docs/wire.md for those that are.',
  NAMELESS: 'A SYN without SERVICE asks for nobody: it must carry the serviceID that it wants.',
  SEGMENT_SHORT: 'What follows the header has fewer than the 20 bytes of a TCP header.',
  SEGMENT_OFFSET: "TCP's data offset is below 5 words, or beyond the end of the packet.",
  OPTION_LENGTH: 'A TCP option is longer than what is left of the header, or not as long as its kind says.',
  DATAGRAM_SHORT: 'What follows the header has fewer than the 8 bytes of a UDP header.',
  DATAGRAM_LENGTH: "UDP's length is below its own 8 bytes, or beyond the end of the packet.",
}

const names = Object.keys(WIRE_SENTENCES) as WireFault[]

/** The name of a fault's number, for counters and logs; undefined for 0 and numbers that are none. */
export const faultName = (fault: number): WireFault | undefined =>
  names.find(name => WIRE_FAULT[name] === fault)

/** What is wrong with what an encoder is asked for. Unlike a fault, this is a mistake of the program that asks. */
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

/** An error of the encoders' closed set. The message says what to do. */
export class WireError extends Error {
  readonly code: WireCode

  constructor(code: WireCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'WireError'
    this.code = code
  }
}
