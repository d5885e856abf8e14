/** Whose packets may change a flow, and what strangers may cause. */
import { at } from '../../../../checker/text/at.ts'
import { ACK, DATA, RST, RSYN, SYN } from '../../../machines/flow/packets.ts'
import { next, notBefore } from '../../../machines/flow/serial.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Safety } from '../../invariant.ts'
import { ACTED, type FlowWorld } from '../state.ts'
import {
  actor,
  bringsFin,
  changed,
  isControl,
  isFlow,
  isLive,
  isValidating,
  provesLoss,
  SIZE,
} from '../terms.ts'

const { INIT, LISTEN, REQUEST, RESPOND, TIMEWAIT, CLOSED } = CONNECTION

export const rightNonce: Safety<FlowWorld> = {
  id: '10',
  name: 'right-nonce',
  sentence:
    'A control packet that changes state carries the right nonce; the SYN and its answer are exceptions.',
  source: 'defect D3',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !isControl(w.did.kind) ||
        g.connection === INIT ||
        g.connection === LISTEN ||
        g.connection === REQUEST ||
        g.connection === CLOSED ||
        !changed(f, g) ||
        w.did.nonce === g.peerNonce,
    ),
}

export const offPathInjection: Safety<FlowWorld> = {
  id: '12',
  name: 'off-path-injection',
  sentence:
    "An off-path attacker's packets change no state beyond bounded resources, and no answer to them reveals the nonce of an existing flow.",
  source: 'arXiv 2403.05663, RFC 5961',
  holds: (w, was) =>
    w.did.kind === 0 ||
    w.did.kind === SYN ||
    w.did.kind === DATA ||
    w.flow.some(f => isFlow(f) && (f.nonce === w.did.nonce || f.token === w.did.nonce)) ||
    (w.flow.every((f, i) => !isFlow(f) || !changed(f, at(was.flow, i))) &&
      actor(
        w,
        was,
        (_f, g) => g.connection <= REQUEST || g.connection === CLOSED || w.did.sent === w.did.sentRst,
      )),
}

export const noRollback: Safety<FlowWorld> = {
  id: '13',
  name: 'no-rollback',
  sentence: 'A replayed control packet never takes a version or a state backwards.',
  source: 'RFC 5061 5.1, RFC 9293 3.10',
  holds: (w, was) =>
    w.flow.every((f, i) => {
      const g = at(was.flow, i)
      return (
        !isFlow(f) ||
        (f.connection >= g.connection &&
          (g.connection <= REQUEST ||
            f.connection === CLOSED ||
            (notBefore(f.sndNxt, g.sndNxt, f.space) && notBefore(f.rcvNxt, g.rcvNxt, f.space))))
      )
    }),
}

export const provedReset: Safety<FlowWorld> = {
  id: '14',
  name: 'proved-reset',
  sentence:
    "A RST with the peer's nonce ends the flow if its version is in the window; otherwise the flow challenges it with an ACK. A RST that refuses a handshake packet ends the flow if it carries the flow's own nonce. A RST with the reset token that the peer has told ends it as well. Any other RST changes nothing. No RST answers a RST.",
  source: 'RFC 5961 3.2, defect D2',
  holds: (w, was) =>
    w.did.kind !== RST ||
    (w.did.sentRst === 0 &&
      actor(
        w,
        was,
        (f, g) =>
          w.did.nonce !== g.peerNonce ||
          w.did.srcFlow !== g.peerFlow ||
          (!isLive(g) && g.connection !== RESPOND) ||
          (notBefore(w.did.verno, g.rcvNxt, g.space) ? f.connection === CLOSED : w.did.sentKind === ACK),
      ) &&
      actor(
        w,
        was,
        (f, g) =>
          (g.connection !== REQUEST && g.connection !== RESPOND) ||
          w.did.nonce !== g.localNonce ||
          w.did.ackno !== g.sndNxt ||
          f.connection === CLOSED,
      ) &&
      actor(
        w,
        was,
        (f, g) =>
          !changed(f, g) ||
          (provesLoss(w, g) && isLive(g)) ||
          (w.did.nonce === g.peerNonce &&
            g.connection > REQUEST &&
            notBefore(w.did.verno, g.rcvNxt, g.space)) ||
          ((g.connection === REQUEST || g.connection === RESPOND) &&
            w.did.nonce === g.localNonce &&
            w.did.ackno === g.sndNxt),
      )),
}

export const goneFlowResets: Safety<FlowWorld> = {
  id: '2',
  name: 'gone-flow-resets',
  sentence:
    'A flow that no longer exists answers every packet but a RST with a RST, so that its peer learns that the flow has ended.',
  source: 'RFC 9293 3.5.2, defect D11',
  holds: (w, was) =>
    actor(
      w,
      was,
      (_f, g) => g.connection !== CLOSED || w.did.kind === 0 || w.did.kind === RST || w.did.sentRst === 1,
    ),
}

export const noAmplification: Safety<FlowWorld> = {
  id: '53',
  name: 'no-amplification',
  sentence:
    'An address that is not proved gets at most three times the bytes that came from it. Every packet but the first answer spends credit, and only a packet from that address gives any. No end probes an address where its peer neither is nor claims to be.',
  source: 'RFC 9000 8.1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        f.credit <= 2 &&
        (w.did.answerTo === 0 ||
          w.did.answerTo === f.peer ||
          w.did.answerTo === f.nextPeer ||
          f.connection >= TIMEWAIT) &&
        (f.credit <= g.credit ||
          (w.did.kind !== 0 &&
            (w.did.from === f.nextPeer || (f.connection === RESPOND && w.did.from === f.peer)))) &&
        (w.did.event !== ACTED.TIMEOUT ||
          !(
            (isValidating(g) && g.nextPeer !== g.peer && w.did.unproved > 0) ||
            (g.connection === RESPOND && w.did.sent > 0)
          ) ||
          (g.credit > 0 && f.credit === g.credit - 1)) &&
        (w.did.event !== ACTED.CLOSE || g.connection !== RESPOND || w.did.sent === 0 || g.credit > 0),
    ),
}

export const noReplyLoops: Safety<FlowWorld> = {
  id: '54',
  name: 'no-reply-loops',
  sentence:
    'The reply to an unauthenticated packet is a single packet, no larger than that one. No reply calls for another: an ACK is answered only when it completes an exchange, or repeats the proof of a join.',
  source: 'RFC 9000 10.3.3, RFC 5961',
  holds: (w, was) =>
    w.did.kind === 0 ||
    (actor(
      w,
      was,
      (f, g) =>
        (w.did.nonce === g.peerNonce ||
          w.did.admitted > 0 ||
          (w.did.sent <= 1 && (w.did.sent === 0 || at(SIZE, w.did.sentKind) <= at(SIZE, w.did.kind)))) &&
        (w.did.kind !== ACK ||
          w.did.sentKind !== ACK ||
          f.connection !== g.connection ||
          f.migration !== g.migration ||
          (w.did.joins === f.localNonce + 1 && f.joins === 0)),
    ) &&
      (w.did.kind !== RST || w.did.sent === 0 || w.did.sentKind === ACK)),
}

export const timeWaitStands: Safety<FlowWorld> = {
  id: '40',
  name: 'time-wait-stands',
  sentence:
    'TIME-WAIT acknowledges a repeated FIN, inside a RSYN too. Neither RSYN nor RST revives or ends it.',
  source: 'RFC 1337, ECCP',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        g.connection !== TIMEWAIT ||
        w.did.kind === 0 ||
        (f.connection === TIMEWAIT &&
          f.migration === 0 &&
          w.did.sent <= 1 &&
          (!bringsFin(w) ||
            w.did.nonce !== g.peerNonce ||
            next(w.did.verno, g.space) !== f.rcvNxt ||
            w.did.sentKind === ACK) &&
          (w.did.kind !== RSYN ||
            w.did.fin === 0 ||
            w.did.nonce !== g.peerNonce ||
            !notBefore(w.did.verno, g.rcvNxt, g.space) ||
            f.rcvNxt === next(w.did.verno, g.space))),
    ),
}
