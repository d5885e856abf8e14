/** Sizes in bytes, constants and limits of the format. docs/wire.md shows them. */

/** srcFlow (4), dstFlow (4), length in words (1), protocol (1), checksum (2). */
export const HEADER_BYTES = 12
/** The offset of the checksum in the header. */
export const CHECK_OFFSET = 10

export const PROTOCOL_STREAM = 6
export const PROTOCOL_DATAGRAM = 17

/** Types of extensions, in the upper half of an extension's first byte. */
export const PAD = 0
export const CONTROL = 1
export const SERVICE = 2
export const ADDRESS = 3
export const SOURCE = 4

export const CONTROL_BYTES = 20
export const SERVICE_BYTES = 36
export const SERVICE_ID_BYTES = 32
/** The length before the addresses. */
export const ADDRESS_BYTES = 12
export const SOURCE_BYTES = 4

/** The prototype's limit: it bounds the work that one packet can cause. */
export const MOST_EXTENSIONS = 10
/** A path has an origin and at least one forwarder. */
export const LEAST_SOURCES = 2
/** An extension's length is one byte. */
export const MOST_SOURCES = 62
export const MOST_ADDRESSES = 60
/** All extensions that can be encoded, at full length: the size of a buffer for headers. */
export const MOST_HEADER_BYTES =
  HEADER_BYTES +
  CONTROL_BYTES +
  2 * SERVICE_BYTES +
  ADDRESS_BYTES +
  4 * MOST_ADDRESSES +
  SOURCE_BYTES +
  4 * MOST_SOURCES

/** Flags of CONTROL. */
export const FLAG_SYN = 0x80
export const FLAG_RSYN = 0x40
export const FLAG_ACK = 0x20
export const FLAG_RST = 0x08
export const FLAG_FIN = 0x04
