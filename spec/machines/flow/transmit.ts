/** The packets that a flow sends, as parameters of the effect `transmit`. */
import { challenges, common, FLOW_CHECKSUM, RESET_TOKEN } from './capabilities.ts'
import type { Received } from './events.ts'
import type { Packet } from './packets.ts'
import { ACK, DATA, FIN, RST, RSYN, RSYNACK, SYN, SYNACK } from './packets.ts'
import { OWES_CONTROL, type Registers } from './registers.ts'
import { next, previous } from './serial.ts'

export interface Args {
  readonly context: Registers
  readonly event: Received
}

const control = (context: Registers, kind: number, verno: number, from: number, to: number): Packet => ({
  kind,
  verno,
  ackno: context.rcvNxt,
  nonce: context.localNonce,
  fin: 0,
  service: 0,
  srcFlow: context.localFlow,
  dstFlow: context.peerFlow,
  from,
  to,
  capabilities: 0,
  tells: 0,
  challenge: 0,
  echo: context.held,
  joins: context.joins,
})

/** A packet of the handshake names the sender's capabilities. */
const shake = (context: Registers, kind: number, verno: number, to: number): Packet => ({
  ...control(context, kind, verno, context.local, to),
  capabilities: context.capabilities,
  echo: 0,
})

/** SYN, FIN and RSYN consume a version, and are retransmitted under the version that they consumed last. */
const consumed = (context: Registers): number => previous(context.sndNxt, context.space)

const syn = ({ context }: Args): Packet => ({
  ...shake(context, SYN, consumed(context), context.peer),
  service: 1,
})

/** After a SYN both flowIDs are known, from which the reset token follows. */
const answerShake = (context: Registers, kind: number, verno: number, to: number): Packet => ({
  ...shake(context, kind, verno, to),
  tells: common(context.capabilities, RESET_TOKEN) === 0 ? 0 : 1,
})

const synack = ({ context }: Args): Packet => answerShake(context, SYNACK, consumed(context), context.peer)

/** Repeats the service name, so that the server recognizes the end of a handshake. */
const handshakeAck = ({ context, event }: Args): Packet => ({
  ...answerShake(context, ACK, context.sndNxt, event.from),
  service: 1,
})

/** Repeats that packet in the same form: some servers find the handshake of an ACK only by its service. */
const handshakeAgain = ({ context }: Args): Packet => ({
  ...answerShake(context, ACK, context.sndNxt, context.peer),
  service: 1,
})

/**
 * An answer leaves from this end's own address, whichever one its packet reached, because it may count as a proof of
 * that address.
 */
const answer = ({ context, event }: Args): Packet =>
  control(context, ACK, context.sndNxt, context.local, event.from)

/** In TIME-WAIT nothing is proved any more: the answer returns the way the packet came. */
const answerBack = ({ context, event }: Args): Packet =>
  control(context, ACK, context.sndNxt, event.to, event.from)

const proof = ({ context }: Args): Packet =>
  control(context, ACK, context.sndNxt, context.local, context.peer)

const fin = ({ context }: Args): Packet =>
  control(context, FIN, consumed(context), context.local, context.peer)

/** In a live flow, the owed control packet is a FIN. */
const finIsOwed = (context: Registers): boolean => (context.owed & OWES_CONTROL) !== 0

/** Leaves from the new address, and carries an unacknowledged FIN (invariant 21). */
const rsyn = ({ context }: Args): Packet => ({
  ...control(context, RSYN, consumed(context), context.nextLocal, context.peer),
  fin: finIsOwed(context) ? 1 : 0,
})

/**
 * A RSYN-ACK carries an unacknowledged FIN, under the FIN's version (invariant 21). The peer waits for a packet of
 * exactly that version from the new address, and a separate FIN might only go to a dead address.
 */
const rsynackTo = (context: Registers, to: number): Packet => ({
  ...control(context, RSYNACK, finIsOwed(context) ? consumed(context) : context.sndNxt, context.local, to),
  fin: finIsOwed(context) ? 1 : 0,
})

/** Carries the challenge of the candidate. No packet to another address does. */
const challenge = (context: Registers, packet: Packet): Packet => ({
  ...packet,
  challenge: challenges(context.capabilities),
})

/** Probes the peer's new address. From an end that does not move, it also proves that end's own address. */
const rsynack = ({ context }: Args): Packet => challenge(context, rsynackTo(context, context.nextPeer))

/** Without credit for the new address, asks at the old one, which is proved. */
const rsynackToPeer = ({ context }: Args): Packet => rsynackTo(context, context.peer)

/** While both ends move: this end's RSYN goes to the address that the peer claims, and its ackno answers the peer's RSYN. */
const rsynToCandidate = ({ context }: Args): Packet => ({
  ...control(context, RSYN, consumed(context), context.nextLocal, context.nextPeer),
  fin: finIsOwed(context) ? 1 : 0,
  challenge: challenges(context.capabilities),
})

/** A repeated RSYN of the proved version gets the same answer as the first time (invariant 18). */
const rsynackAgain = ({ context, event }: Args): Packet =>
  challenge(context, control(context, RSYNACK, context.sndNxt, context.local, event.from))

const rst = ({ context }: Args): Packet => ({
  ...control(context, RST, context.sndNxt, context.local, context.peer),
  echo: 0,
  joins: 0,
})

/** An ended flow still has its nonce (a host derives it from the flowID), so the peer can trust this RST. */
const rstGone = ({ context, event }: Args): Packet => ({
  ...control(context, RST, event.ackno, event.to, event.from),
  ackno: 0,
  dstFlow: event.srcFlow,
})

/**
 * The service has no listener, or another instance answered first. The RST echoes the nonce and version of the SYN or
 * SYN-ACK, and reveals none of ours to a stranger.
 */
const rstRefused = ({ context, event }: Args): Packet => ({
  ...control(context, RST, 0, event.to, event.from),
  ackno: next(event.verno, context.space),
  nonce: event.nonce,
  srcFlow: event.dstFlow,
  dstFlow: event.srcFlow,
  echo: 0,
  joins: 0,
})

const data = ({ context }: Args): Packet => ({
  ...control(context, DATA, 0, context.local, context.peer),
  ackno: 0,
  nonce: 0,
  capabilities: common(context.capabilities, FLOW_CHECKSUM),
  echo: 0,
  joins: 0,
})

const transmit = <T>(params: T) => ({ type: 'transmit' as const, params })

export const packets = {
  syn: transmit(syn),
  synack: transmit(synack),
  handshakeAck: transmit(handshakeAck),
  handshakeAgain: transmit(handshakeAgain),
  answer: transmit(answer),
  answerBack: transmit(answerBack),
  proof: transmit(proof),
  fin: transmit(fin),
  rsyn: transmit(rsyn),
  rsynToCandidate: transmit(rsynToCandidate),
  rsynack: transmit(rsynack),
  rsynackToPeer: transmit(rsynackToPeer),
  rsynackAgain: transmit(rsynackAgain),
  rst: transmit(rst),
  rstGone: transmit(rstGone),
  rstRefused: transmit(rstRefused),
  data: transmit(data),
}

/** Helpers and constants of the functions above, for lowering. */
export const transmitScope = { control, shake, answerShake, consumed, finIsOwed, rsynackTo, challenge }
