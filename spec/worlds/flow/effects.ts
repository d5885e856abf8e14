/** What happens on the stage: packets reach flows, flows' effects reach the network. Shared by all models. */

import { common, FLOW_CHECKSUM } from '../../machines/flow/capabilities.ts'
import type { Received } from '../../machines/flow/events.ts'
import { holdsFlowId } from '../../machines/flow/identity.ts'
import { MOVE_FAILED, PEER_MOVE_FAILED, RESET } from '../../machines/flow/notices.ts'
import { ACK, DATA, FIN, type Packet, RST, RSYN, RSYNACK, SYN, SYNACK } from '../../machines/flow/packets.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { establishes, fails, isInProgress, openedBy } from '../../machines/listener/handshakes.ts'
import { type SynIdentity, sameSyn } from '../../machines/listener/machine.ts'
import { type EffectsOf, step } from '../machines.ts'
import { insert } from '../network.ts'
import { type ModelPacket, pack } from './packet.ts'
import { ACTED, type Flow, type FlowWorld, ROLE } from './state.ts'
import { answerSyn, offerAck, receiveStrayAck } from './stateless.ts'
import { isAt } from './terms.ts'
import { isTruthful } from './truth.ts'

/** The events of received packets, in the order of their kinds. */
export const RECEIVED = [
  { kind: SYNACK, event: 'SYNACK' },
  { kind: ACK, event: 'ACK' },
  { kind: RSYN, event: 'RSYN' },
  { kind: RSYNACK, event: 'RSYNACK' },
  { kind: FIN, event: 'FIN' },
  { kind: RST, event: 'RST' },
  { kind: DATA, event: 'DATA' },
] as const

/** Notes whose step this is. */
export const acts = (w: FlowWorld, f: Flow, event: number): void => {
  w.did.event = event
  w.did.flow = f.nonce
}

/** Returns the packet as a flow reads it, with the reset token of its sender if the packet carries one. */
export const heard = (w: FlowWorld, f: Flow, p: ModelPacket): Received => ({
  ...p,
  token: tokenIn(w, p),
  proves: p.joins === f.localNonce + 1 ? 1 : 0,
})

export const tokenIn = (w: FlowWorld, p: ModelPacket): number => {
  let token = 0
  for (const f of w.flow) if (p.tells === 1 && f.nonce === p.nonce) token = f.token
  return token
}

/** A packet arrives at its address, or at a translator, which passes it on. */
export const receive = (w: FlowWorld, p: ModelPacket): void => arrive(w, { ...p, to: insideOf(w, p.to) })

/** The address behind a translator, if this is its outside one. */
export const insideOf = (w: FlowWorld, address: number): number => {
  let to = address
  for (const f of w.flow) if (f.outside !== 0 && f.outside === address) to = f.home
  return to
}

export const arrive = (w: FlowWorld, p: ModelPacket): void => {
  w.did.kind = p.kind
  w.did.verno = p.verno
  w.did.ackno = p.ackno
  w.did.nonce = p.nonce
  w.did.fin = p.fin
  w.did.from = p.from
  w.did.to = p.to
  w.did.srcFlow = p.srcFlow
  w.did.proof = p.proof
  w.did.capabilities = p.capabilities
  w.did.challenge = p.challenge
  w.did.echo = p.echo
  w.did.joins = p.joins
  if (p.kind === SYN) receiveSyn(w, p)
  else {
    receiveInFlow(w, p)
    receiveStrayAck(w, p)
  }
}

/** Control and data belong to the flow that the destination flowID names; a flow that is gone speaks for its flowID last. */
export const receiveInFlow = (w: FlowWorld, p: ModelPacket): void => {
  for (const f of w.flow) {
    if (f.role !== ROLE.LISTENER) {
      if (
        isAt(w, f, p.to) &&
        f.connection !== CONNECTION.INIT &&
        f.localFlow === p.dstFlow &&
        speaksFor(w, f) &&
        isReadable(w, f, p)
      ) {
        w.did.flow = f.nonce
        noteReached(f, p)
        for (const r of RECEIVED)
          if (r.kind !== DATA || w.hasData === 1)
            if (p.kind === r.kind) step('flow', f, r.event, heard(w, f, p))
      }
    }
  }
}

/** Whether no other flow of the host has the flowID: a living one, or one that is gone in a slot before. */
export const speaksFor = (w: FlowWorld, f: Flow): boolean =>
  f.connection !== CONNECTION.CLOSED ||
  !w.flow.some(
    g =>
      g.host === f.host &&
      g.role !== ROLE.LISTENER &&
      g.nonce !== f.nonce &&
      g.localFlow === f.localFlow &&
      g.connection !== CONNECTION.INIT &&
      (g.connection !== CONNECTION.CLOSED || g.nonce < f.nonce),
  )

/** Whether data has the checksum that the flow expects. A flow that is over no longer knows which one that is. */
export const isReadable = (w: FlowWorld, f: Flow, p: ModelPacket): boolean => {
  const isSealed =
    p.kind !== DATA ||
    f.connection === CONNECTION.CLOSED ||
    p.capabilities === common(f.capabilities, FLOW_CHECKSUM)
  if (!isSealed) w.did.unreadable = p.nonce === f.peerNonce ? 1 : 0
  return isSealed
}

/** The peer's control reaches this end at the address that it moves to. */
export const noteReached = (f: Flow, p: ModelPacket): void => {
  if (p.kind !== DATA && p.kind !== RST && p.to === f.nextLocal && p.nonce === f.peerNonce) f.reached = 1
}

export const receiveSyn = (w: FlowWorld, p: ModelPacket): void => {
  for (const f of w.flow) {
    if (f.role === ROLE.LISTENER && isAt(w, f, p.to)) step('flow', f, 'SYN', heard(w, f, p))
    if (f.role === ROLE.CHILD && w.hasListener === 0) {
      if (isAt(w, f, p.to)) {
        if (f.connection === CONNECTION.INIT) accept(w, f, heard(w, f, p))
        else {
          w.did.flow = f.nonce
          step('flow', f, 'SYN', heard(w, f, p))
        }
      }
    }
  }
}

/** A child begins with a SYN. */
export const accept = (w: FlowWorld, f: Flow, p: Received): void => {
  w.did.flow = f.nonce
  if (w.hasListener === 1 || f.keys === 1) {
    f.synFrom = p.from
    f.synVerno = p.verno
  }
  step('flow', f, 'ACCEPT', openedBy(p, flowIdFor(w, f), f.nonce, f.iss, w.claimed, f.offers, f.keys))
}

/** The flowID of a new flow: its own, or the first one that its host has free. */
export const flowIdFor = (w: FlowWorld, f: Flow): number => {
  if (f.id !== 0) return f.id
  let id = 0
  for (const candidate of w.flowIds)
    if (id === 0 && !w.flow.some(g => g.host === f.host && holdsFlowId(g, candidate))) id = candidate
  return id
}

/** Whether a child was made from this SYN and is still there. */
export const madeFrom = (f: Flow, p: SynIdentity): boolean =>
  f.role === ROLE.CHILD &&
  f.connection !== CONNECTION.INIT &&
  f.connection !== CONNECTION.CLOSED &&
  sameSyn({ from: f.synFrom, srcFlow: f.peerFlow, nonce: f.peerNonce, verno: f.synVerno }, p)

/** The listener looks at a SYN. Where a model has no stateless answers, they get lost. */
export const offerSyn = (w: FlowWorld, f: Flow, p: Received): void => {
  const known = w.flow.some(g => g.host === f.host && madeFrom(g, p))
  step('listener', w.listener, 'SYN', { known: known ? 1 : 0 })
  if (w.did.admitted === 1) admitTo(w, f, p)
  if (w.did.repeated === 1) repeatTo(w, f, p)
  if (w.did.answered === 1) answerSyn(w, f, p)
}

/** The first free slot of the listener's host becomes the flow. */
export const admitTo = (w: FlowWorld, f: Flow, p: Received): void => {
  let placed = 0
  for (const g of w.flow) {
    if (g.role === ROLE.CHILD && g.answers === 0 && g.host === f.host) {
      if (placed === 0 && g.connection === CONNECTION.INIT) {
        placed = 1
        accept(w, g, p)
      }
    }
  }
}

/** The flow that was made from this SYN gets it again. */
export const repeatTo = (w: FlowWorld, f: Flow, p: Received): void => {
  for (const g of w.flow) {
    if (g.role === ROLE.CHILD && g.host === f.host) {
      if (madeFrom(g, p)) {
        w.did.flow = g.nonce
        step('flow', g, 'SYN', p)
      }
    }
  }
}

/** What an end may take for a proof of the address that it comes from. */
export const mayProve = (kind: number): boolean => kind === ACK || kind === FIN || kind === RSYNACK

/**
 * An end is proved at the address that it uses, and at the one that it moves to once it has been reached there. In
 * TIME-WAIT it moves no more, and answers from where the packet has just reached it.
 */
export const isProvedAt = (w: FlowWorld, f: Flow, address: number): boolean =>
  address === f.local ||
  (address === f.nextLocal && f.reached === 1) ||
  (f.connection === CONNECTION.TIMEWAIT && address === w.did.to && w.did.nonce === f.peerNonce)

/** The application hears a notice. */
export const tell = (w: FlowWorld, notice: number): void => {
  w.did.told = w.did.told | (1 << notice)
}

/** A packet leaves for the network. */
export const send = (w: FlowWorld, f: Flow, p: Packet): void => {
  noteSent(w, f, p)
  insert(
    w,
    pack(w, {
      kind: p.kind,
      verno: p.kind === DATA ? f.sent : p.verno,
      ackno: p.ackno,
      nonce: p.kind === DATA ? f.localNonce : p.nonce,
      fin: p.fin,
      srcFlow: p.srcFlow,
      dstFlow: p.dstFlow,
      from: f.outside === 0 ? p.from : f.outside,
      to: p.to,
      proof: mayProve(p.kind) && isProvedAt(w, f, p.from) ? 1 : 0,
      capabilities: p.capabilities,
      tells: p.tells,
      challenge: p.challenge,
      echo: p.echo,
      joins: p.joins === 0 ? 0 : f.peerNonce + 1,
    }),
  )
}

/** What the effects of the machines do to the world. */
export const effects = {
  transmit: (w: FlowWorld, f: Flow, p: Packet): void => {
    if (!isTruthful(w, f, p)) w.did.untrue = 1
    send(w, f, p)
  },
  arm: (w: FlowWorld): void => {
    w.did.armed = 1
  },
  renew: (w: FlowWorld): void => {
    w.did.renewed = 1
  },
  linger: (w: FlowWorld): void => {
    w.did.lingers = 1
  },
  readSynAck: (): void => {},
  readAck: (): void => {},
  challenge: (): void => {},
  keep: (): void => {},
  /** The transport takes what comes next in order, once. */
  deliver: (w: FlowWorld, f: Flow): void => {
    w.did.delivered = 1
    if (w.did.verno === f.got) f.got = f.got + 1
  },
  // Only a listening socket's flow is ever in LISTEN; the others need not be followed there.
  offerSyn: (w: FlowWorld, f: Flow, syn: Received): void => {
    if (f.role === ROLE.LISTENER) offerSyn(w, f, syn)
  },
  offerAck: (w: FlowWorld, f: Flow, ack: Received): void => {
    if (f.role === ROLE.LISTENER && w.epochs > 0) offerAck(w, f, ack)
  },
  admit: (w: FlowWorld): void => {
    w.did.admitted = 1
  },
  repeat: (w: FlowWorld): void => {
    w.did.repeated = 1
  },
  refuse: (w: FlowWorld): void => {
    w.did.refused = 1
  },
  answer: (w: FlowWorld): void => {
    w.did.answered = 1
  },
  confirm: (w: FlowWorld): void => {
    w.did.confirmed = 1
  },
  notify: (w: FlowWorld, f: Flow, p: { notice: number }): void => {
    // An end that goes back tells its peer.
    if (w.giveUp === 1 && ((p.notice === MOVE_FAILED && f.nextLocal === 0) || p.notice === PEER_MOVE_FAILED))
      w.forsaken = 1
    if (p.notice === RESET) w.did.reset = 1
    tell(w, p.notice)
    if (w.hasListener === 1 && f.role === ROLE.CHILD && isInProgress(f.connection)) {
      if (establishes(p.notice)) step('listener', w.listener, 'ESTABLISHED')
      if (fails(p.notice)) step('listener', w.listener, 'FAILED')
    }
  },
} satisfies EffectsOf<'flow', FlowWorld, Flow> & EffectsOf<'listener', FlowWorld, FlowWorld['listener']>

export const noteSent = (w: FlowWorld, f: Flow, p: Packet): void => {
  w.did.sent = w.did.sent + 1
  w.did.sentKind = p.kind
  w.did.sentTo = p.to
  w.did.sentFrom = p.from
  w.did.sentVerno = p.verno
  w.did.sentAckno = p.ackno
  w.did.sentCapabilities = p.capabilities
  if (p.kind === RST) w.did.sentRst = 1
  if (p.kind === FIN) w.did.bareFin = 1
  if (p.kind === RSYN) w.did.rsyns = w.did.rsyns + 1
  if (p.kind === RSYN && p.fin === 0) w.did.bareRsyn = 1
  if (p.kind === RSYNACK && p.fin === 0) w.did.bareAnswer = 1
  if (p.service === 1) w.did.sentService = 1
  if (p.kind === SYNACK) w.did.synackVerno = p.verno + 1
  if (p.kind === RSYNACK || p.kind === RSYN) {
    w.did.answerTo = p.to
    w.did.answerAckno = p.ackno
  }
  if (p.kind === DATA) {
    w.did.dataTo = p.to
    w.did.dataFrom = p.from
  }
  if (w.did.event === ACTED.TIMEOUT && p.to !== f.peer) w.did.unproved = w.did.unproved + 1
}
