/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng): constants, and a writer. Little-endian; packets are bare IP
 * (LINKTYPE_RAW), times in microseconds. Pure.
 */

import { packetLength, writePacket } from './ipPacket.ts'
import type { Datagram } from './link.ts'

export const SECTION_HEADER = 0x0a0d0d0a
export const INTERFACE_DESCRIPTION = 1
export const ENHANCED_PACKET = 6
export const BYTE_ORDER = 0x1a2b3c4d
export const LINKTYPE_RAW = 101

/** Before a block's body, its type and length; after it, the length again. */
export const BLOCK_HEAD = 8
export const BLOCK_FRAME = 12
/** An enhanced packet's head: interface, time in two halves, captured length, original length. */
export const PACKET_HEAD = 20

/** Options: code and length in 16 bits each, then the value, padded to 32 bits. */
export const OPTION_END = 0
export const PACKET_FLAGS = 2
const INTERFACE_NAME = 2
export const INTERFACE_RESOLUTION = 9
export const INTERFACE_OFFSET = 14

/** Values of the lowest two bits of the packet flags. */
export const INBOUND = 1
export const OUTBOUND = 2
export type Direction = 'in' | 'out' | 'unknown'

export const padded = (length: number): number => length + (-length & 3)

const SECTION_BYTES = 28
const INTERFACE_BYTES = 20
/** The length of the flags option with its value, and of the end-of-options mark. */
const FLAGS_BYTES = 12

/** Returns the head of a file: one section, and an interface for each name. Leaves out an empty name. */
export function captureHeader(names: readonly string[] = ['']): Uint8Array {
  const interfaces = names.map(interfaceBlock)
  const bytes = new Uint8Array(SECTION_BYTES + interfaces.reduce((sum, { length }) => sum + length, 0))
  const view = new DataView(bytes.buffer)
  const write = (at: number, value: number): void => view.setUint32(at, value, true)
  write(0, SECTION_HEADER)
  write(4, SECTION_BYTES)
  write(8, BYTE_ORDER)
  // Version 1.0; the section's length is unknown: all ones.
  view.setUint16(12, 1, true)
  view.setBigInt64(16, -1n, true)
  write(24, SECTION_BYTES)
  let at = SECTION_BYTES
  for (const block of interfaces) {
    bytes.set(block, at)
    at += block.length
  }
  return bytes
}

/** The defaults apply: packets of any length, times in microseconds. */
function interfaceBlock(name: string): Uint8Array {
  const text = new TextEncoder().encode(name)
  const optionBytes = text.length === 0 ? 0 : 4 + padded(text.length) + 4
  const length = INTERFACE_BYTES + optionBytes
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, INTERFACE_DESCRIPTION, true)
  view.setUint32(4, length, true)
  view.setUint16(8, LINKTYPE_RAW, true)
  if (text.length > 0) {
    view.setUint16(16, INTERFACE_NAME, true)
    view.setUint16(18, text.length, true)
    bytes.set(text, 20)
  }
  view.setUint32(length - 4, length, true)
  return bytes
}

/** Returns one block per datagram, in order. Omits datagrams that no packet can carry. */
export function captureBlocks(
  batch: readonly Datagram[],
  direction: 'in' | 'out',
  timeMs: number,
  interfaceNumber = 0,
): Uint8Array {
  const lengths = batch.map(packetLength)
  const blockLength = (length: number): number =>
    length < 0 ? 0 : BLOCK_FRAME + PACKET_HEAD + padded(length) + FLAGS_BYTES
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + blockLength(length), 0))
  const view = new DataView(bytes.buffer)
  const timeUs = Math.max(0, Math.round(timeMs * 1000))
  let at = 0
  for (const [i, length] of lengths.entries()) {
    if (length < 0) continue
    const whole = blockLength(length)
    view.setUint32(at, ENHANCED_PACKET, true)
    view.setUint32(at + 4, whole, true)
    view.setUint32(at + 8, interfaceNumber, true)
    view.setUint32(at + 12, Math.floor(timeUs / 2 ** 32), true)
    view.setUint32(at + 16, timeUs % 2 ** 32, true)
    view.setUint32(at + 20, length, true)
    view.setUint32(at + 24, length, true)
    writePacket(batch[i] as Datagram, bytes, at + BLOCK_HEAD + PACKET_HEAD)
    const options = at + BLOCK_HEAD + PACKET_HEAD + padded(length)
    view.setUint16(options, PACKET_FLAGS, true)
    view.setUint16(options + 2, 4, true)
    view.setUint32(options + 4, direction === 'in' ? INBOUND : OUTBOUND, true)
    // The end-of-options mark is zeros, which are already there.
    view.setUint32(at + whole - 4, whole, true)
    at += whole
  }
  return bytes
}
