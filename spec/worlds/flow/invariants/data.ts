/** Data and the end of it. */
import { overlaps } from '../../../machines/flow/capabilities.ts'
import { DATA, FIN, RST, RSYN } from '../../../machines/flow/packets.ts'
import { OWES_CONTROL } from '../../../machines/flow/registers.ts'
import { next } from '../../../machines/flow/serial.ts'
import { CONNECTION, MIGRATION } from '../../../machines/flow/states.ts'
import type { Safety } from '../../invariant.ts'
import { can } from '../../machines.ts'
import { ACTED, type FlowWorld } from '../state.ts'
import {
  actor,
  bringsFin,
  everyPair,
  hasSentFin,
  hasTakenFin,
  isAt,
  isFinAcknowledged,
  isFinNow,
  isLive,
  isMoving,
  mayAcknowledge,
  owesFin,
} from '../terms.ts'

const { RESPOND, CONNECTED, FINWAIT1, FINWAIT2, CLOSEWAIT, CLOSED } = CONNECTION

export const deliveredPrefix: Safety<FlowWorld> = {
  id: '30',
  name: 'delivered-prefix',
  sentence:
    "The data delivered is a prefix of the data sent, without repetition, across any moves. Data that arrives from the peer's address before both ends have closed is delivered, unless the flow waits for a proof of keys.",
  source: 'RFC 9293 1',
  holds: (w, was) =>
    w.flow.every(f => w.flow.every(g => f.peerNonce === 0 || g.nonce !== f.peerNonce || f.got <= g.sent)) &&
    actor(
      w,
      was,
      (_f, g) =>
        w.did.kind !== DATA ||
        w.did.nonce !== g.peerNonce ||
        (w.did.from !== g.peer && w.did.from !== g.nextPeer) ||
        ((g.connection !== RESPOND || g.joins === 1) &&
          g.connection !== CONNECTED &&
          g.connection !== FINWAIT1 &&
          g.connection !== FINWAIT2 &&
          g.connection !== CLOSEWAIT) ||
        w.did.delivered === 1,
    ),
}

export const ownerOnlyData: Safety<FlowWorld> = {
  id: '31',
  name: 'owner-only-data',
  sentence: 'Data reaches only the owner of its flow, even when an address passes to another host.',
  source: 'Serval paper 4.2, RFC 9000 9.3',
  holds: (w, was) => actor(w, was, (_f, g) => w.did.delivered === 0 || w.did.nonce === g.peerNonce),
}

export const frozenFlow: Safety<FlowWorld> = {
  id: '32',
  name: 'frozen-flow',
  sentence:
    'Data leaves from the address of its end, for the address of the peer that is proved. While an end moves, and while it validates, it sends data only if both ends make before they break, and it has its address; otherwise it is frozen.',
  source: 'ECCP 4',
  holds: (w, was) =>
    actor(
      w,
      was,
      (_f, g) =>
        w.did.dataTo === 0 ||
        (w.did.dataTo === g.peer &&
          w.did.dataFrom === g.local &&
          (g.migration === MIGRATION.INITIAL || (overlaps(g.capabilities) && isAt(w, g, g.local)))),
    ),
}

export const unbrokenFlow: Safety<FlowWorld> = {
  id: '67',
  name: 'unbroken-flow',
  sentence:
    'If both ends make before they break, an end that has its address may send data whatever moves, until it is over. While nobody gives up a move for good, it takes all data of a peer that has two addresses, whichever one it comes from.',
  source: 'RFC 9000 9.3',
  holds: (w, was) =>
    w.flow.every(
      f =>
        !overlaps(f.capabilities) ||
        !isAt(w, f, f.local) ||
        (f.connection !== CONNECTED &&
          f.connection !== FINWAIT1 &&
          f.connection !== FINWAIT2 &&
          f.connection !== CLOSEWAIT) ||
        can('flow', f, 'SEND', { here: 1 }),
    ) &&
    actor(
      w,
      was,
      (_f, g) =>
        !overlaps(g.capabilities) ||
        w.forsaken === 1 ||
        w.did.kind !== DATA ||
        w.did.nonce !== g.peerNonce ||
        (g.connection !== CONNECTED &&
          g.connection !== FINWAIT1 &&
          g.connection !== FINWAIT2 &&
          g.connection !== CLOSEWAIT) ||
        w.did.delivered === 1,
    ),
}

export const acknowledgedFin: Safety<FlowWorld> = {
  id: '39',
  name: 'acknowledged-fin',
  sentence:
    "An end treats its FIN as acknowledged exactly when an acknowledgment covers it, whichever packet brings it: LASTACK then becomes CLOSED, FINWAIT1 FINWAIT2, and CLOSING TIMEWAIT. An end consumes and acknowledges the peer's FIN, and acknowledges each repetition. An end counts its FIN as acknowledged only when the peer has taken it, and takes only a FIN that the peer has sent.",
  source: 'RFC 9293 3.10.7.4, defects D7, D10',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        w.did.nonce !== g.peerNonce ||
        ((!owesFin(g) ||
          !mayAcknowledge(w.did.kind) ||
          // An old FIN, from before a move, is not looked at.
          (w.did.kind === FIN && !isFinNow(w, g)) ||
          (w.did.ackno === g.sndNxt) === !owesFin(f)) &&
          (!bringsFin(w) ||
            !isLive(g) ||
            hasTakenFin(g) ||
            (hasTakenFin(f) && w.did.sentAckno === next(w.did.verno, g.space))) &&
          (!bringsFin(w) ||
            w.did.kind === RSYN ||
            !hasTakenFin(g) ||
            !isFinNow(w, g) ||
            (w.did.sentKind !== 0 && w.did.sentAckno === next(w.did.verno, g.space)))),
    ) &&
    everyPair(
      w,
      (f, g) =>
        (!isFinAcknowledged(f) || hasTakenFin(g)) &&
        (!isFinAcknowledged(g) || hasTakenFin(f)) &&
        (!hasTakenFin(f) || hasSentFin(g)) &&
        (!hasTakenFin(g) || hasSentFin(f)),
    ),
}

export const nothingAfterClose: Safety<FlowWorld> = {
  id: '42',
  name: 'nothing-after-close',
  sentence: 'Nothing is delivered after both ends have closed, or to a flow that no longer exists.',
  source: 'RFC 9293 3.6',
  holds: (w, was) =>
    actor(
      w,
      was,
      (_f, g) =>
        w.did.delivered === 0 ||
        g.connection === RESPOND ||
        g.connection === CONNECTED ||
        g.connection === FINWAIT1 ||
        g.connection === FINWAIT2 ||
        // What acknowledges this end's data still comes after the peer's FIN; the transport tells it from data.
        g.connection === CLOSEWAIT,
    ),
}

export const halfClosedLives: Safety<FlowWorld> = {
  id: '57',
  name: 'half-closed-lives',
  sentence:
    'An end that has closed, and whose FIN is acknowledged, lives as long as its peer. Its timer does not end it, but probes the peer with the FIN, also while it moves. Any packet of the peer is an answer. The end is over when the peer resets it, or counts as dead because it does not answer: then even while the end moves.',
  source: 'RFC 9293 3.6, RFC 9293 3.8.4',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        g.connection !== FINWAIT2 ||
        ((f.connection !== CLOSED ||
          w.did.kind === RST ||
          w.did.event === ACTED.ABORT ||
          ((w.did.event === ACTED.GIVEUP || w.did.event === ACTED.DEAD) && (g.owed & OWES_CONTROL) !== 0)) &&
          (w.did.event !== ACTED.DEAD || (g.owed & OWES_CONTROL) === 0 || f.connection === CLOSED) &&
          (w.did.event !== ACTED.EXPIRE ||
            (g.owed === 0
              ? w.did.bareFin === 1 && (f.owed & OWES_CONTROL) !== 0
              : !isMoving(g) || (f.owed & OWES_CONTROL) !== 0)) &&
          (w.did.delivered === 0 || (f.owed & OWES_CONTROL) === 0)),
    ),
}

export const losslessReset: Safety<FlowWorld> = {
  id: '61',
  name: 'lossless-reset',
  sentence:
    "A RST ends an end that has closed and has taken its peer's FIN like the ACK that it waits for: its application hears of no reset. In any other live state the application hears of it.",
  source: 'RFC 9293 3.10.7.4',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        w.did.kind !== RST ||
        !isLive(g) ||
        f.connection !== CLOSED ||
        (w.did.reset === 1) === !(hasTakenFin(g) && owesFin(g)),
    ),
}
