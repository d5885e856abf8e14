/** Holds the packets in flight until the trace delivers, loses or duplicates them. */

import { at } from '../../checker/text/at.ts'
import { encodePacket } from '../../checker/trace/encode.ts'
import type { TracePacket } from '../../checker/trace/format.ts'
import { frameIsIntact } from '../../impl/host/packets/intact.ts'
import { sealTransport } from '../../impl/host/packets/packets.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { FLOW_CHECKSUM } from '../../spec/machines/flow/capabilities.ts'
import { DATA, KINDS } from '../../spec/machines/flow/packets.ts'
import { DATAGRAM_BYTES } from '../../spec/wire/datagram.ts'
import { decodeFrame, type Frame, newFrame } from '../../spec/wire/frame.ts'
import { finOf, kindOf } from '../../spec/wire/kinds.ts'
import { named } from '../../spec/worlds/flow/packet.ts'
import { type Dictionary, modelAddress, realAddress } from './dictionary.ts'

interface Held extends Datagram {
  /** The packet as the model describes it. */
  readonly packet: TracePacket
}

/** The position of a datagram's checksum, the last field of its header. */
const CHECKSUM = DATAGRAM_BYTES - 2

const frame = newFrame()

/** Returns a packet in the numbers of a model. Data has no nonce; `nonceOfFlow` returns that of its flow. */
export function describe(
  { from, to, bytes }: Datagram,
  dictionary: Dictionary,
  space: number,
  nonceOfFlow: (flowId: number, from: Address) => number,
): TracePacket {
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) throw new Error('a host has sent a malformed packet')
  const kind = kindOf(frame)
  const isData = kind === DATA
  return {
    kind: at(KINDS, kind),
    from: modelAddress(from),
    to: modelAddress(to),
    srcFlow: frame.srcFlow,
    dstFlow: frame.dstFlow,
    verno: isData ? at(bytes, frame.payload + DATAGRAM_BYTES) : frame.verno % space,
    ackno: frame.ackno % space,
    nonce: isData
      ? nonceOfFlow(frame.srcFlow, from)
      : dictionary.modelNonce({ high: frame.nonceHigh, low: frame.nonceLow }),
    fin: finOf(frame),
    ...named({
      capabilities: isData ? capabilitiesOfData(frame, from, to) : frame.capabilities,
      challenge: frame.challenge < 0 ? 0 : 1,
      echo: frame.echo < 0 ? 0 : 1,
      joins: frame.join < 0 ? 0 : 1,
    }),
  }
}

/** Returns the capabilities under which data was sent. Only its checksum shows them. */
const capabilitiesOfData = (data: Frame, from: Address, to: Address): number =>
  frameIsIntact(data, from, to, 0) ? 0 : FLOW_CHECKSUM

export class HeldPackets {
  readonly #capacity: number
  #packets: Held[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get hasRoom(): boolean {
    return this.#packets.length < this.#capacity
  }

  /** Holds the datagram and returns true. A full network drops it and returns false. */
  put(datagram: Datagram, packet: TracePacket): boolean {
    if (!this.hasRoom) return false
    this.#packets.push({ ...datagram, bytes: datagram.bytes.slice(), packet })
    return true
  }

  /** Returns the oldest packet equal to `packet`, `wanted` ones first; undefined if there is none. */
  find(packet: TracePacket, wanted: (held: Datagram) => boolean = () => true): Held | undefined {
    const text = encodePacket(packet)
    const like = this.#packets.filter(held => encodePacket(held.packet) === text)
    return like.find(wanted) ?? like[0]
  }

  take(held: Held): void {
    this.#packets = this.#packets.filter(other => other !== held)
  }

  /** Redirects a held packet to the instance that a hop has found, and computes its checksum again. */
  redirect(held: Held, address: number): TracePacket {
    const to = realAddress(address)
    const { from, bytes } = held
    decodeFrame(bytes, 0, bytes.length, frame)
    bytes.fill(0, frame.payload + CHECKSUM, frame.payload + CHECKSUM + 2)
    sealTransport(frame.protocol, bytes, frame.payload, frame.end, from, to)
    const packet = { ...held.packet, to: address }
    this.#packets = this.#packets.map(other => (other === held ? { from, to, bytes, packet } : other))
    return packet
  }
}
