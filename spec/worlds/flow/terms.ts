/** The words in which invariants speak of flows. */
import { at } from '../../../checker/text/at.ts'
import { challenges } from '../../machines/flow/capabilities.ts'
import { ACK, DATA, FIN, RST, RSYN, RSYNACK, SYNACK } from '../../machines/flow/packets.ts'
import { OWES_HANDSHAKE, OWES_PROOF } from '../../machines/flow/registers.ts'
import { next, notBefore } from '../../machines/flow/serial.ts'
import { CONNECTION, MIGRATION } from '../../machines/flow/states.ts'
import { unpack } from './packet.ts'
import { ACTED, type Flow, type FlowState, type FlowWorld, ROLE } from './state.ts'

const {
  INIT,
  REQUEST,
  RESPOND,
  CONNECTED,
  FINWAIT1,
  FINWAIT2,
  CLOSING,
  CLOSEWAIT,
  LASTACK,
  TIMEWAIT,
  CLOSED,
} = CONNECTION
const { INITIAL, RSYN_SENT, RSYN_RECV, RSYN_SENT_RECV } = MIGRATION

export const isFlow = (f: Flow): boolean => f.role !== ROLE.LISTENER

/** Whether the flow's host has this address now. */
export const isAt = (w: FlowState, f: Flow, address: number): boolean =>
  f.addresses.some(a => a === address && w.owner[a] === f.host)

/** Between INIT and CLOSED. */
export const isThere = (f: Flow): boolean => isFlow(f) && f.connection !== INIT && f.connection !== CLOSED

/** The handshake is done and the flow is not over: CONNECTED to LASTACK. */
export const isLive = (f: Flow): boolean => f.connection >= CONNECTED && f.connection <= LASTACK

/** Its FIN is sent and not acknowledged. */
export const owesFin = (f: Flow): boolean =>
  f.connection === FINWAIT1 || f.connection === CLOSING || f.connection === LASTACK

export const isFinAcknowledged = (f: Flow): boolean => f.connection === FINWAIT2 || f.connection === TIMEWAIT

/** The peer's FIN has come. */
export const hasTakenFin = (f: Flow): boolean =>
  f.connection === CLOSEWAIT ||
  f.connection === LASTACK ||
  f.connection === CLOSING ||
  f.connection === TIMEWAIT

export const hasSentFin = (f: Flow): boolean => owesFin(f) || isFinAcknowledged(f)

export const isMoving = (f: Flow): boolean => f.migration === RSYN_SENT || f.migration === RSYN_SENT_RECV
export const isValidating = (f: Flow): boolean => f.migration === RSYN_RECV || f.migration === RSYN_SENT_RECV

/** A control packet other than SYN and RST arrived in this step. */
export const isControl = (kind: number): boolean =>
  kind === SYNACK || kind === ACK || kind === RSYN || kind === RSYNACK || kind === FIN

/** The kinds of packets that can acknowledge a FIN. */
export const mayAcknowledge = (kind: number): boolean =>
  kind === ACK || kind === RSYN || kind === RSYNACK || kind === FIN

/** A FIN arrived in this step, bare or inside a RSYN or RSYN-ACK. */
export const bringsFin = (w: FlowWorld): boolean =>
  w.did.kind === FIN || ((w.did.kind === RSYN || w.did.kind === RSYNACK) && w.did.fin === 1)

/** The flow ended in this step. */
export const hasEnded = (f: Flow, g: Flow): boolean => f.connection === CLOSED && g.connection !== CLOSED

/** The retransmission timer acts in this step, or the peer counts as dead. */
export const timesOut = (w: FlowWorld): boolean =>
  w.did.event === ACTED.TIMEOUT || w.did.event === ACTED.GIVEUP || w.did.event === ACTED.DEAD

/** The application hears this notice exactly if it is true. */
export const isToldOf = (w: FlowWorld, notice: number, isTrue: boolean): boolean =>
  (((w.did.told >> notice) & 1) === 1) === isTrue

/** The peer acknowledges everything that the flow has sent, in a packet that is no FIN. */
export const acknowledgesAll = (w: FlowWorld, g: Flow): boolean =>
  (w.did.kind === ACK || w.did.kind === RSYN || w.did.kind === RSYNACK) &&
  w.did.nonce === g.peerNonce &&
  w.did.srcFlow === g.peerFlow &&
  w.did.ackno === g.sndNxt

/** The peer answers from the address that it claims, after its RSYN, and returns the challenge if the ends use challenges. */
export const answersProbe = (w: FlowWorld, g: Flow): boolean =>
  w.did.nonce === g.peerNonce &&
  w.did.from === g.nextPeer &&
  w.did.verno === g.rcvNxt &&
  (challenges(g.capabilities) === 0 || w.did.echo === 1)

/** It repeats the ACK that completes a handshake or a move. */
export const owesAnyProof = (f: Flow): boolean => (f.owed & (OWES_PROOF | OWES_HANDSHAKE)) !== 0

/** What brought a FIN in this step is not older than what the flow has consumed, or is that again. */
export const isFinNow = (w: FlowWorld, g: Flow): boolean =>
  notBefore(next(w.did.verno, g.space), g.rcvNxt, g.space)

/** The packet that arrived is a RST with the reset token of the flow's peer. */
export const provesLoss = (w: FlowWorld, g: Flow): boolean =>
  w.did.kind === RST && g.peerToken !== 0 && w.did.nonce === g.peerToken && w.did.srcFlow === g.peerFlow

/** Each flow's own step: `then` for the flow that acted. */
export const actor = (w: FlowWorld, was: FlowWorld, then: (f: Flow, g: Flow) => boolean): boolean =>
  w.flow.every((f, i) => !isFlow(f) || w.did.flow !== f.nonce || then(f, at(was.flow, i)))

/** Each pair of client and server flow that know each other. */
export const isPair = (f: Flow, g: Flow): boolean =>
  f.role === ROLE.CLIENT &&
  g.role === ROLE.CHILD &&
  f.peerNonce === g.localNonce &&
  g.peerNonce === f.localNonce &&
  f.localNonce !== 0 &&
  g.localNonce !== 0

export const everyPair = (w: FlowState, then: (f: Flow, g: Flow) => boolean): boolean =>
  w.flow.every(f => w.flow.every(g => !isPair(f, g) || then(f, g)))

export const somePair = (w: FlowState, then: (f: Flow, g: Flow) => boolean): boolean =>
  w.flow.some(f => w.flow.some(g => isPair(f, g) && then(f, g)))

/** The address at which its peer sees it. */
export const seenAt = (f: Flow): number => (f.outside === 0 ? f.local : f.outside)

/** Neither end is moving, and each has the other where it is. */
export const agree = (f: Flow, g: Flow): boolean =>
  f.migration === INITIAL && g.migration === INITIAL && f.peer === seenAt(g) && g.peer === seenAt(f)

/** Something about the flow is not as it was. */
export const changed = (f: Flow, g: Flow): boolean =>
  f.connection !== g.connection ||
  f.migration !== g.migration ||
  f.sndNxt !== g.sndNxt ||
  f.rcvNxt !== g.rcvNxt ||
  f.local !== g.local ||
  f.peer !== g.peer ||
  f.nextLocal !== g.nextLocal ||
  f.nextPeer !== g.nextPeer ||
  f.owed !== g.owed ||
  f.peerFlow !== g.peerFlow ||
  f.peerNonce !== g.peerNonce

/** Both are connected, and a move is under way. */
export const isMidMove = (f: Flow, g: Flow): boolean =>
  f.connection === CONNECTED &&
  g.connection === CONNECTED &&
  (f.migration !== INITIAL || g.migration !== INITIAL)

/** One end is half-closed towards the other. */
export const isHalfClosed = (f: Flow, g: Flow): boolean =>
  (f.connection === FINWAIT2 && g.connection === CLOSEWAIT) ||
  (g.connection === FINWAIT2 && f.connection === CLOSEWAIT)

/** Has closed and is not yet gone. */
export const isClosing = (f: Flow): boolean =>
  f.connection === FINWAIT1 ||
  f.connection === CLOSING ||
  f.connection === LASTACK ||
  f.connection === TIMEWAIT ||
  f.connection === CLOSED

/**
 * May be let alone forever: nothing begun, nothing left to do, or an application that does not close, here or, once this
 * end has closed, at the peer.
 */
export const isSettled = (w: FlowState, f: Flow): boolean =>
  f.connection === INIT ||
  f.connection === CLOSED ||
  (f.migration === INITIAL &&
    (f.connection === CONNECTED ||
      (f.connection === CLOSEWAIT && f.mayClose === 0) ||
      (f.connection === FINWAIT2 &&
        w.flow.some(g => g.nonce === f.peerNonce && g.connection === CLOSEWAIT && g.mayClose === 0))))

/**
 * The peer is gone, and another flow of its host has had its flowID since. That flow ignores packets for the other one, so
 * nobody answers them, and only a timer ends this end.
 */
export const isUnanswered = (w: FlowState, f: Flow): boolean =>
  w.flow.some(
    g =>
      g.nonce === f.peerNonce &&
      g.connection === CLOSED &&
      w.flow.some(h => h.host === g.host && h.nonce !== g.nonce && h.localFlow === f.peerFlow),
  )

export const isOpening = (f: Flow): boolean => f.connection === REQUEST || f.connection === RESPOND

/** A handshake in progress at a listener. */
export const isPending = (f: Flow): boolean => f.role === ROLE.CHILD && f.connection === RESPOND

/** Bytes of a packet of this kind without payload: SAL header, extensions, bare transport header. */
export const SIZE = [0, 96, 60, 32, 32, 32, 32, 32, 32]

/** No SYN-ACK is under way whose flow is over, or whose epoch. */
export const noLateAnswer = (w: FlowState): boolean =>
  w.net.every(
    packet =>
      unpack(w, packet).kind !== SYNACK ||
      w.flow.some(
        g =>
          g.nonce === unpack(w, packet).nonce &&
          (g.connection === RESPOND || (g.answers !== 0 && g.connection === INIT && isValid(w, g))),
      ),
  )

/** A stateless answer is valid in its own epoch and in the next. */
export const isValid = (w: FlowState, g: Flow): boolean => g.epoch === w.epoch || g.epoch + 1 === w.epoch

export const isData = (kind: number): boolean => kind === DATA

/** Whether the other end has everything that this one has sent. */
export const hasDelivered = (w: FlowState, f: Flow): boolean =>
  w.flow.every(g => g.nonce === f.nonce || g.got === f.sent)

/** The transport has delivered all that is written: then SAL may close, whether or not the peer is done. */
export const hasFinished = (w: FlowState, f: Flow): boolean =>
  f.connection === INIT || (f.sent === f.maySend && hasDelivered(w, f))
