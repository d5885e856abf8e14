/**
 * A peer that sends the C prototype's packets: recorded ones, with this flow's identifiers. A template is a packet in
 * hex; `live` returns it with the fields that differ from run to run.
 */
import { encodeHeader, headerBytes, type Outgoing } from '../../../spec/wire/header.ts'
import { write32 } from '../../../spec/wire/numbers.ts'
import { frameOf, outgoingOf } from '../../../spec/wire/testing/again.ts'
import type { Address, Datagram } from '../../link/link.ts'
import { sealTransport } from '../packets/packets.ts'

/** Identifiers of one packet; omitted ones stay as in the template. */
export interface Fields extends Partial<Outgoing> {
  readonly seq?: number
  readonly ack?: number
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

/** Returns the packet of a template on its way from `from` to `to`, with valid checksums. */
export function live(hex: string, from: Address, to: Address, { seq, ack, ...fields }: Fields): Datagram {
  const template = bytesOf(hex)
  const frame = frameOf(template)
  const header = { ...outgoingOf(frame), ...fields }
  const bytes = new Uint8Array(headerBytes(header) + template.length - frame.payload)
  const payload = encodeHeader(header, bytes, 0)
  bytes.set(template.subarray(frame.payload), payload)
  if (payload < bytes.length) {
    if (seq !== undefined) write32(bytes, payload + 4, seq)
    if (ack !== undefined) write32(bytes, payload + 8, ack)
    bytes.fill(0, payload + 16, payload + 18)
    sealTransport(frame.protocol, bytes, payload, bytes.length, from, to)
  }
  return { from, to, bytes }
}

/** Returns a packet's bytes in hex. */
export const hexOf = ({ bytes }: Datagram): string => Buffer.from(bytes).toString('hex')
