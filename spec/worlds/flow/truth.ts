/** Whether a packet says only what is true of the flow that sends it (invariant 78). */
import { ACK, DATA, FIN, type Packet, RST, RSYN, RSYNACK, SYN, SYNACK } from '../../machines/flow/packets.ts'
import { OWES_HANDSHAKE } from '../../machines/flow/registers.ts'
import { next, previous } from '../../machines/flow/serial.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { ACTED, type Flow, type FlowWorld } from './state.ts'

/** A RST that refuses a SYN or SYN-ACK repeats what that packet says. */
export const isRefusal = (w: FlowWorld, f: Flow, p: Packet): boolean =>
  p.verno === 0 &&
  p.ackno === next(w.did.verno, f.space) &&
  p.nonce === w.did.nonce &&
  p.srcFlow === (w.did.kind === SYN ? 0 : f.localFlow) &&
  p.dstFlow === w.did.srcFlow

/** A RST of an ended flow takes its version from the packet that it answers. */
export const isEpitaph = (w: FlowWorld, f: Flow, p: Packet): boolean =>
  p.verno === w.did.ackno &&
  p.ackno === 0 &&
  p.nonce === f.localNonce &&
  p.srcFlow === f.localFlow &&
  p.dstFlow === w.did.srcFlow

/** Data names no version and no nonce. */
export const isPlain = (f: Flow, p: Packet): boolean =>
  p.verno === 0 && p.ackno === 0 && p.nonce === 0 && p.srcFlow === f.localFlow && p.dstFlow === f.peerFlow

/** The SYN and the packets that carry a FIN or announce a move repeat the version that they consumed. */
export const consumes = (p: Packet): boolean =>
  p.kind === SYN || p.kind === SYNACK || p.kind === RSYN || p.kind === FIN || p.fin === 1

export const isOwn = (f: Flow, p: Packet): boolean =>
  p.verno === (consumes(p) ? previous(f.sndNxt, f.space) : f.sndNxt) &&
  p.ackno === f.rcvNxt &&
  p.nonce === f.localNonce &&
  p.srcFlow === f.localFlow &&
  p.dstFlow === f.peerFlow

/** Only the handshake names the service: its SYN, and the ACK that completes it, each time. */
export const namesService = (w: FlowWorld, f: Flow, p: Packet): boolean =>
  p.kind === SYN ||
  (p.kind === ACK &&
    (w.did.kind === SYNACK || (w.did.event === ACTED.TIMEOUT && (f.owed & OWES_HANDSHAKE) !== 0)))

/** Returns the address that a packet must leave from. A flow that is over answers from the address at which the question arrived. */
export const sourceOf = (w: FlowWorld, f: Flow, p: Packet): number => {
  let from = f.local
  if (p.kind === RSYN) from = f.nextLocal
  if (f.connection >= CONNECTION.TIMEWAIT || (p.kind === RST && w.did.kind !== 0)) from = w.did.to
  return from
}

export const saysOwn = (w: FlowWorld, f: Flow, p: Packet): boolean => {
  let says = false
  if (p.kind === DATA) says = isPlain(f, p)
  else if (p.kind !== RST || w.did.kind === 0) says = isOwn(f, p)
  else if (w.did.kind === SYN || w.did.kind === SYNACK) says = isRefusal(w, f, p)
  else says = isEpitaph(w, f, p)
  return says
}

export const isTruthful = (w: FlowWorld, f: Flow, p: Packet): boolean =>
  saysOwn(w, f, p) &&
  (p.fin === 0 || p.kind === RSYN || p.kind === RSYNACK) &&
  (p.service === 1) === namesService(w, f, p) &&
  p.from === sourceOf(w, f, p) &&
  (p.to === f.peer || p.to === f.nextPeer || p.to === w.did.from)
