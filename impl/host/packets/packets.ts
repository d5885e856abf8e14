/** Writes packets into memory that is passed on with them: header, transport part, checksums. */
import { common, SEVERAL_FLOWS } from '../../../spec/machines/flow/capabilities.ts'
import { ACK, type Packet, RSYN, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { encodeCarried } from '../../../spec/wire/carried.ts'
import { sealDatagram } from '../../../spec/wire/datagram.ts'
import { HEADER_BYTES, PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import { encodeForwarded, forwardedGrowth, type Hop } from '../../../spec/wire/forward.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { type Advertisement, encodeHeader, type Outgoing } from '../../../spec/wire/header.ts'
import { flagsOf } from '../../../spec/wire/kinds.ts'
import {
  type Advert,
  type Echo,
  type Join,
  type Negotiation,
  negotiate,
} from '../../../spec/wire/negotiation.ts'
import { sealSegment } from '../../../spec/wire/segment.ts'
import { ipOf, portOf } from '../../link/address.ts'
import { type Address, type Datagram, LOCAL_MTU } from '../../link/link.ts'
import type { Transport } from '../../transport/transport.ts'
import { NO_CHALLENGES } from '../flows/challenges.ts'
import type { Flow } from '../flows/flow.ts'
import type { Nonce } from '../flows/nonces.ts'
import type { TokenOf } from '../flows/resetTokens.ts'
import { portInPacket } from '../paths/origin.ts'
import { addressSumOf, dataSumOf, pseudoSumOf } from './pseudoHeader.ts'

/** Packets are cut from pieces of this size, to save an allocation for each. */
const SLAB_BYTES = 2 ** 16
/** Pieces kept for reuse: half a MiB, more than a stream sends at once. */
const MOST_SPARE = 8

/** The fields of a packet in the machine's terms, without the nonce, whose bits the flow has. */
export type Sent = Omit<Packet, 'nonce'>

/** The parts of the sending flow that a control packet shows. */
export type Sender = Pick<Flow, 'service' | 'sources' | 'transport'> &
  Partial<Pick<Flow, 'challenges' | 'seeker' | 'relayed'>> & { readonly belongsTo?: Flow['belongsTo'] }

/** What an ACK says of its connection. */
export interface Told {
  readonly advertised?: Advert
  readonly echoed?: Echo
}

/** Returns the key of the connection that the flow with this flowID opens. */
export type KeyOfFlow = (flowId: number) => Nonce

const NO_SOURCES: readonly number[] = []

const header: Outgoing = {
  srcFlow: 0,
  dstFlow: 0,
  protocol: 0,
  flags: 0,
  verno: 0,
  ackno: 0,
  nonceHigh: 0,
  nonceLow: 0,
  service: undefined,
  sourceService: undefined,
  sources: NO_SOURCES,
  advertised: undefined,
}

/** Returns what a packet says of a move, and of the connection. */
const saidAfter = (sent: Sent, flow: Sender | undefined, told: Told | undefined): Negotiation => {
  const { challenge, echo, joins } = sent
  const { drawn, kept } = flow?.challenges ?? NO_CHALLENGES
  return {
    challenge: challenge === 1 ? drawn : undefined,
    echo: echo === 1 ? kept : undefined,
    hasOrigin: punches(sent, flow) ? 1 : 0,
    join: joins === 1 ? joinIn(sent, flow) : undefined,
    ...told,
  }
}

/** True for a move away from the relay: the relay writes where it sees this end. */
const punches = ({ kind, from, to }: Sent, flow: Sender | undefined): boolean =>
  kind === RSYN &&
  flow?.relayed?.isPunching === true &&
  to === flow.relayed.via &&
  from === flow.relayed.leaving

/** A flow that joins has a connection. */
const joinIn = ({ kind }: Sent, flow: Sender | undefined): Join | undefined =>
  flow?.belongsTo?.joinOf(flow as Flow, kind)

const hop: Hop = { ip: 0, port: 0, own: 0, leaving: 0, next: 0 }

/** Writes the transport's checksum, which binds the packet to its addresses. */
export function sealTransport(
  protocol: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  from: Address,
  to: Address,
): void {
  sealWith(protocol, bytes, start, end, pseudoSumOf(from, to, protocol, end - start))
}

/** Writes the transport's checksum over a pseudo-header with this sum. */
export function sealWith(protocol: number, bytes: Uint8Array, start: number, end: number, sum: number): void {
  if (protocol === PROTOCOL_STREAM) sealSegment(bytes, start, end, sum)
  else sealDatagram(bytes, start, end, sum)
}

/** Only written bytes are read, so the memory need not be zeroed. */
const newSlab = (bytes: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)

export class Packets {
  readonly #packetBytes: number
  readonly #tokenOf: TokenOf | undefined
  readonly #keyOf: KeyOfFlow | undefined
  #slab = newSlab(SLAB_BYTES)
  #used = 0
  #batch: Datagram[] = []
  /** Full pieces: of current packets, of packets taken last, and of packets that nobody has any more. */
  #full: Uint8Array<ArrayBuffer>[] = []
  #taken: Uint8Array<ArrayBuffer>[] = []
  readonly #spare: Uint8Array<ArrayBuffer>[] = []

  /** `packetBytes`: the longest packet that the link carries. `tokenOf`, `keyOf`: the tokens and keys that handshakes tell. */
  constructor(packetBytes: number, tokenOf?: TokenOf, keyOf?: KeyOfFlow) {
    this.#packetBytes = packetBytes
    this.#tokenOf = tokenOf
    this.#keyOf = keyOf
  }

  /** The number of packets waiting. */
  get count(): number {
    return this.#batch.length
  }

  /** The latest packet. */
  get last(): Datagram | undefined {
    return this.#batch.at(-1)
  }

  /** Removes the latest packet. */
  withdraw(): void {
    this.#batch.pop()
  }

  /** Returns all packets since the last call, in order. */
  take(): readonly Datagram[] {
    const batch = this.#batch
    this.#batch = []
    this.#taken = this.#full
    this.#full = []
    return batch
  }

  /** Reuses the memory of taken packets, to which nobody has references any more. Call it directly after `take`. */
  reclaim(): void {
    for (const slab of this.#taken) if (this.#spare.length < MOST_SPARE) this.#spare.push(slab)
    this.#taken = []
    this.#used = 0
  }

  /** Adds a packet made elsewhere. */
  add(datagram: Datagram): void {
    this.#batch.push(datagram)
  }

  /** Writes a control packet. SYN, SYN-ACK and the ACK that names the service have a transport part. */
  control(
    sent: Sent,
    protocol: number,
    nonceHigh: number,
    nonceLow: number,
    flow: Sender | undefined,
    now: number,
    told?: Told,
  ): void {
    const { kind, from, to } = sent
    const at = this.#room()
    header.srcFlow = sent.srcFlow
    header.dstFlow = sent.dstFlow
    header.protocol = protocol
    header.flags = flagsOf(kind, sent.fin)
    header.verno = sent.verno
    header.ackno = sent.ackno
    header.nonceHigh = nonceHigh
    header.nonceLow = nonceLow
    header.service = sent.service === 1 ? flow?.service : undefined
    header.sources = kind === SYNACK && flow !== undefined ? flow.sources : NO_SOURCES
    header.advertised = this.#advertised(sent, flow, told)
    const start = encodeHeader(header, this.#slab, at)
    const shakes = kind === SYN || kind === SYNACK || (kind === ACK && sent.service === 1)
    if (!shakes || flow === undefined) {
      this.#add(from, to, at, start)
      return
    }
    const end = flow.transport.writeHandshake(kind, this.#slab, start, now)
    sealTransport(protocol, this.#slab, start, end, from, to)
    this.#add(from, to, at, end)
  }

  /** Writes the transport's next packet. Returns false if it has none now. */
  data(flow: Flow, transport: Transport, now: number): boolean {
    const at = this.#room()
    const start = at + HEADER_BYTES
    const end = transport.send(this.#slab, start, now)
    if (end === start) return false
    header.srcFlow = flow.id
    header.dstFlow = flow.state.peerFlow
    header.protocol = transport.protocol
    header.flags = 0
    header.service = undefined
    header.sources = NO_SOURCES
    header.advertised = undefined
    encodeHeader(header, this.#slab, at)
    sealWith(transport.protocol, this.#slab, start, end, dataSumOf(flow, end - start))
    this.#add(flow.from, flow.to, at, end)
    return true
  }

  /** Forwards a packet from `from` to this host's `to`: to `next`, from `leaving`. Returns false if it would be too long. */
  forward(frame: Frame, from: Address, to: Address, next: Address, leaving: Address): boolean {
    hop.port = portInPacket(from)
    if (frame.end - frame.start + forwardedGrowth(frame, hop.port) > this.#packetBytes) return false
    hop.ip = ipOf(from)
    hop.own = ipOf(to)
    hop.leaving = ipOf(leaving)
    hop.next = ipOf(next)
    const at = this.#room()
    const end = encodeForwarded(frame, hop, this.#slab, at)
    if (end === 0) return false
    this.#add(leaving, next, at, end)
    return true
  }

  /** Carries a packet from `from` on to `to`: from this host's `own`. Returns false if it is too long. */
  carry(frame: Frame, from: Address, own: Address, to: Address): boolean {
    if (frame.end - frame.start > this.#packetBytes) return false
    const at = this.#room()
    this.#add(own, to, at, encodeCarried(frame, ipOf(from), portOf(from), this.#slab, at))
    return true
  }

  #advertised(sent: Sent, flow: Sender | undefined, told: Told | undefined): Advertisement | undefined {
    if (sent.capabilities !== 0) return this.#negotiation(sent, flow)
    const { challenge, echo, joins } = sent
    if (challenge === 0 && echo === 0 && joins === 0 && told === undefined && !punches(sent, flow))
      return undefined
    return negotiate(saidAfter(sent, flow, told))
  }

  /** Returns the ADDRESS of a packet of the handshake. A SYN has room for the origin that a router or relay writes, and so has an answer through a relay. */
  #negotiation(sent: Sent, flow: Sender | undefined): Advertisement {
    const { kind, from, to, srcFlow, dstFlow, capabilities, tells, joins } = sent
    const opens = common(capabilities, SEVERAL_FLOWS) !== 0 && (kind === SYN || kind === SYNACK)
    return negotiate({
      capabilities,
      addressSum: addressSumOf(from, to),
      hasOrigin: kind === SYN || (kind === SYNACK && flow?.relayed !== undefined) ? 1 : 0,
      token: tells === 1 ? this.#tokenOf?.(srcFlow, dstFlow) : undefined,
      repetition: kind === SYN ? flow?.seeker?.repetition : undefined,
      key: opens ? this.#keyOf?.(srcFlow) : undefined,
      join: joins === 1 ? joinIn(sent, flow) : undefined,
    })
  }

  /** Returns where the next packet begins, with room for the longest, also of those that stay on this machine. */
  #room(): number {
    const most = Math.max(LOCAL_MTU, this.#packetBytes)
    if (this.#used + most > SLAB_BYTES) {
      this.#full.push(this.#slab)
      this.#slab = this.#spare.pop() ?? newSlab(Math.max(SLAB_BYTES, most))
      this.#used = 0
    }
    return this.#used
  }

  #add(from: Address, to: Address, at: number, end: number): void {
    // Aligned words are summed faster.
    this.#used = (end + 3) & ~3
    this.#batch.push({ from, to, bytes: this.#slab.subarray(at, end) })
  }
}
