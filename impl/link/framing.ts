/** The frames around IP packets in captures, by link type (tcpdump.org/linktypes.html). Pure. */
import { read16 } from '../../spec/wire/numbers.ts'
import { readPacket } from './ipPacket.ts'
import type { Datagram } from './link.ts'
import { type Direction, LINKTYPE_RAW } from './pcapng.ts'

const ETHERNET = 1
const COOKED = 113
const COOKED_2 = 276

/** The length of the header, the offset of its EtherType, and the offset of Linux's packet type. */
const FRAMES: Readonly<
  Record<number, { readonly head: number; readonly type: number; readonly kind?: number }>
> = {
  [ETHERNET]: { head: 14, type: 12 },
  [COOKED]: { head: 16, type: 14, kind: 1 },
  [COOKED_2]: { head: 20, type: 0, kind: 10 },
}

const ETHERTYPES: readonly number[] = [0x0800, 0x86dd]

/** PACKET_OTHERHOST and PACKET_OUTGOING of Linux. Lower values mean: for this host, or for all. */
const TO_ANOTHER = 3
const OUTGOING = 4

export interface Framed extends Datagram {
  readonly direction: Direction
}

/**
 * Returns the datagram in the frame; it shares the frame's bytes. Undefined for another link type, or a frame without a
 * datagram.
 */
export function readFramed(
  linkType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Framed | undefined {
  if (linkType === LINKTYPE_RAW) return directed(readPacket(bytes, start, end), 'unknown')
  const frame = FRAMES[linkType]
  if (frame === undefined || end - start < frame.head) return undefined
  if (!ETHERTYPES.includes(read16(bytes, start + frame.type))) return undefined
  const kind = frame.kind === undefined ? TO_ANOTHER : (bytes[start + frame.kind] as number)
  return directed(readPacket(bytes, start + frame.head, end), directionOf(kind))
}

const directed = (datagram: Datagram | undefined, direction: Direction): Framed | undefined =>
  datagram && { ...datagram, direction }

const directionOf = (kind: number): Direction => {
  if (kind === OUTGOING) return 'out'
  return kind < TO_ANOTHER ? 'in' : 'unknown'
}
