/** The packets of real hosts in the words of the model `flows`, and those that its attacker forges. */
import { at, must } from '../../../checker/text/at.ts'
import type { Flow } from '../../../impl/host/flows/flow.ts'
import type { Nonce } from '../../../impl/host/flows/nonces.ts'
import { ipOf } from '../../../impl/link/address.ts'
import type { Datagram } from '../../../impl/link/link.ts'
import { ACK, DATA, FIN, RST, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { VERNO_SPACE } from '../../../spec/machines/flow/registers.ts'
import { notBefore } from '../../../spec/machines/flow/serial.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { DATAGRAM_BYTES } from '../../../spec/wire/datagram.ts'
import { PROTOCOL_DATAGRAM } from '../../../spec/wire/format.ts'
import { decodeFrame, type Frame, newFrame } from '../../../spec/wire/frame.ts'
import { encodeHeader } from '../../../spec/wire/header.ts'
import { flagsOf, kindOf } from '../../../spec/wire/kinds.ts'
import {
  advertOf,
  echoedOf,
  JOIN_BACKUP,
  joinOf,
  LINE,
  type Negotiation,
  negotiate,
  WISH_BACKUP,
  WISH_LEAVE,
} from '../../../spec/wire/negotiation.ts'
import {
  bit,
  type FlowsPacket,
  type FlowsWorld,
  OWN,
  SEEN,
  SENT,
  VERSIONS,
} from '../../../spec/worlds/flows/state.ts'
import { SERVICE } from '../cast.ts'
import { type Ends, FLOW_IDS, FURTHER, HOMES } from './ends.ts'
import { SAYS } from './prober.ts'

const { LASTACK, CLOSING, TIMEWAIT, CLOSED } = CONNECTION
const HEADER_BYTES = 256
/** Where a MAC begins in the parameter JOIN. */
const JOIN_MAC = 8
const MAC_BYTES = 8
const WRONG_MAC = { high: 1, low: 2 }

const frame = newFrame()

/** Returns the model's number of the flow with this flowID; -1 if it has none. */
const flowOf = (id: number): number => FLOW_IDS.findIndex(ids => (ids as readonly number[]).includes(id))

/** Returns a packet that this end sends as the model has it; undefined for an acknowledgment that it leaves out. */
export function seen(
  { bytes }: Datagram,
  from: number,
  ends: Ends,
  before: FlowsWorld,
): FlowsPacket | undefined {
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) throw new Error('a host has sent a malformed packet')
  const flow = Math.max(flowOf(frame.srcFlow), flowOf(frame.dstFlow))
  const plain = {
    ...{ flow, to: 1 - from, version: 0, wishes: 0, place: 0, proves: 1, backups: 0, named: 0 },
  }
  switch (kindOf(frame)) {
    case SYN:
      return { ...plain, kind: SENT.SYN, backups: (joinOf(frame).flags & JOIN_BACKUP) === 0 ? 0 : bit(flow) }
    case SYNACK:
      return { ...plain, kind: SENT.ANSWER }
    case FIN:
      // A host sends its FIN when it has finished.
      return { ...plain, kind: SENT.FIN, wishes: 1 }
    case RST:
      return { ...plain, kind: SENT.RST }
    case DATA: {
      const isDatum = bytes[frame.payload + DATAGRAM_BYTES] === SAYS.DATUM
      return { ...plain, kind: isDatum ? SENT.DATA : SENT.ASK }
    }
    case ACK:
      if (frame.advertised >= 0) return { ...plain, ...advertIn(frame, from) }
      if (frame.echoed >= 0) return { ...plain, kind: SENT.ECHO, version: echoedOf(frame).version % VERSIONS }
      if (frame.service >= 0) return { ...plain, kind: SENT.PROOF }
      if (isAfterFin(frame, at(at(before.end, from).sees, flow), ends.flow(from, flow)))
        return { ...plain, kind: SENT.FINISHED }
      return from === 1 && flow === OWN ? { ...plain, kind: SENT.CONFIRM } : undefined
    default:
      throw new Error('a host has sent a packet of a move')
  }
}

function advertIn(ack: Frame, from: number) {
  const { version, lines } = advertOf(ack)
  let [wishes, backups, named, place] = [0, 0, 0, 0]
  for (const { kind, wishes: wish, word } of lines) {
    if (kind === LINE.ADDRESS && word === ipOf(at(FURTHER, from))) place = 1
    if (kind !== LINE.FLOW) continue
    named |= bit(flowOf(word))
    if ((wish & WISH_LEAVE) !== 0) wishes |= bit(flowOf(word))
    if ((wish & WISH_BACKUP) !== 0) backups |= bit(flowOf(word))
  }
  return { kind: SENT.ADVERT, version: version % VERSIONS, wishes, backups, named, place }
}

/** The sender's own FIN precedes this ACK. `was`: how it has seen the flow before this step. */
function isAfterFin({ verno }: Frame, was: number, flow: Flow | undefined): boolean {
  const { connection, state } = must(flow)
  if (connection === CLOSED) return was === SEEN.LAST
  return (
    (connection === LASTACK || connection === CLOSING || connection === TIMEWAIT) && verno === state.sndNxt
  )
}

/** True for a RST that answers the SYN with this nonce. */
export function refusesSyn({ bytes }: Datagram, { high, low }: Nonce): boolean {
  decodeFrame(bytes, 0, bytes.length, frame)
  return kindOf(frame) === RST && frame.nonceHigh === high && frame.nonceLow === low
}

/** True for a RST of a version that the receiver has passed. */
export function isOldReset({ bytes }: Datagram, rcvNxt: number): boolean {
  decodeFrame(bytes, 0, bytes.length, frame)
  return kindOf(frame) === RST && !notBefore(frame.verno, rcvNxt, VERNO_SPACE)
}

/** Returns a packet without a proof to this end. The attacker has seen everything, so its nonce is right. `syn`: a real one to copy. */
export function forged(
  kind: number,
  to: number,
  version: number,
  nonce: Nonce,
  syn: Datagram | undefined,
): Datagram {
  const ends = { from: at(HOMES, 1 - to), to: at(HOMES, to) }
  if (kind === SENT.SYN && syn !== undefined) {
    const bytes = syn.bytes.slice()
    decodeFrame(bytes, 0, bytes.length, frame)
    // With both halves of the MAC exchanged, the header's checksum is still right.
    const mac = frame.join + JOIN_MAC
    bytes.set(syn.bytes.subarray(mac, mac + MAC_BYTES / 2), mac + MAC_BYTES / 2)
    bytes.set(syn.bytes.subarray(mac + MAC_BYTES / 2, mac + MAC_BYTES), mac)
    return { ...ends, bytes }
  }
  const [own, first] = [at(FLOW_IDS, 2 - to), at(FLOW_IDS, 0)]
  const mac = WRONG_MAC
  if (kind === SENT.SYN)
    return header(SYN, at(own, 1 - to), 0, ends, nonce, {
      join: { flags: JOIN_BACKUP, flow: at(first, to), mac },
    })
  const lines = [{ kind: LINE.FLOW, wishes: WISH_BACKUP | WISH_LEAVE, port: 0, word: at(first, 1 - to) }]
  const told = kind === SENT.ADVERT ? { advertised: { version, lines, mac } } : { echoed: { version, mac } }
  return header(ACK, at(first, 1 - to), at(first, to), ends, nonce, told)
}

function header(
  kind: number,
  srcFlow: number,
  dstFlow: number,
  ends: Pick<Datagram, 'from' | 'to'>,
  { high: nonceHigh, low: nonceLow }: Nonce,
  content: Negotiation,
): Datagram {
  const bytes = new Uint8Array(HEADER_BYTES)
  const end = encodeHeader(
    {
      ...{ srcFlow, dstFlow, verno: 1, ackno: 1, nonceHigh, nonceLow, protocol: PROTOCOL_DATAGRAM },
      ...{
        flags: flagsOf(kind, 0),
        service: kind === SYN ? SERVICE : undefined,
        sourceService: undefined,
        sources: [],
      },
      advertised: negotiate(content),
    },
    bytes,
    0,
  )
  return { ...ends, bytes: bytes.subarray(0, end) }
}
