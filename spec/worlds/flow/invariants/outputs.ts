/** Invariants of a flow's notices, of its timers, of its packets, and of the registers that it keeps. */
import { RST } from '../../../machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../../machines/flow/states.ts'
import type { Safety } from '../../invariant.ts'
import { ACTED, type FlowWorld, NOTICE } from '../state.ts'
import {
  acknowledgesAll,
  actor,
  hasEnded,
  hasTakenFin,
  isFlow,
  isLive,
  isMoving,
  isToldOf,
  isValidating,
  owesFin,
  timesOut,
} from '../terms.ts'

const { INIT, REQUEST, RESPOND, FINWAIT2, TIMEWAIT, CLOSED } = CONNECTION
const { INITIAL } = MIGRATION

export const toldApplication: Safety<FlowWorld> = {
  id: '76',
  name: 'told-application',
  sentence:
    'An application hears of what happens to its flow when it happens, and of nothing else: that the flow is connected or accepted, that the peer has closed, how a move of either end has ended, and whether the flow was closed, refused, reset or has timed out. It does not hear of its own close before the flow is connected.',
  source: 'RFC 9293 3.9.1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        isToldOf(w, NOTICE.CONNECTED, g.connection === REQUEST && isLive(f)) &&
        isToldOf(w, NOTICE.ACCEPTED, (g.connection === INIT || g.connection === RESPOND) && isLive(f)) &&
        isToldOf(w, NOTICE.PEER_CLOSED, !hasTakenFin(g) && hasTakenFin(f)) &&
        isToldOf(w, NOTICE.REFUSED, hasEnded(f, g) && w.did.kind === RST && g.connection === REQUEST) &&
        isToldOf(
          w,
          NOTICE.RESET,
          hasEnded(f, g) && w.did.kind === RST && g.connection !== REQUEST && !(hasTakenFin(g) && owesFin(g)),
        ) &&
        isToldOf(w, NOTICE.TIMED_OUT, hasEnded(f, g) && timesOut(w)) &&
        isToldOf(
          w,
          NOTICE.CLOSED,
          hasEnded(f, g) &&
            (g.connection === TIMEWAIT || isLive(g)) &&
            !timesOut(w) &&
            (w.did.kind !== RST || (hasTakenFin(g) && owesFin(g))),
        ) &&
        isToldOf(w, NOTICE.MOVE_FAILED, isMoving(g) && w.did.event === ACTED.GIVEUP) &&
        isToldOf(
          w,
          NOTICE.PEER_MOVE_FAILED,
          isValidating(g) && !isValidating(f) && w.did.event === ACTED.GIVEUP,
        ) &&
        // A FIN may end a move and the flow at once.
        (!isLive(f) ||
          (isToldOf(w, NOTICE.MOVED, isMoving(g) && !isMoving(f) && !timesOut(w)) &&
            isToldOf(w, NOTICE.PEER_MOVED, isValidating(g) && !isValidating(f) && !timesOut(w)))),
    ),
}

export const freshTimers: Safety<FlowWorld> = {
  id: '77',
  name: 'fresh-timers',
  sentence:
    'The retransmission timer gets all its tries again exactly when an end closes, moves or gives up a move. The timer of FINWAIT2 and TIMEWAIT starts again exactly when an end enters one of them, in FINWAIT2 when it fires and when the peer acknowledges or sends data, and in TIMEWAIT with each answer.',
  source: 'RFC 6298 5, RFC 9293 3.6.1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        (w.did.renewed === 1) ===
          (isLive(f) &&
            (w.did.event === ACTED.MOVE ||
              w.did.event === ACTED.CLOSE ||
              (w.did.event === ACTED.GIVEUP && g.migration !== INITIAL))) &&
        (w.did.lingers === 1) ===
          ((f.connection === FINWAIT2 &&
            (g.connection !== FINWAIT2 ||
              w.did.delivered === 1 ||
              w.did.event === ACTED.EXPIRE ||
              acknowledgesAll(w, g))) ||
            (f.connection === TIMEWAIT && (g.connection !== TIMEWAIT || w.did.sent > 0))),
    ),
}

export const truthfulPackets: Safety<FlowWorld> = {
  id: '78',
  name: 'truthful-packets',
  sentence:
    "Each packet says only what is true of its sender: its own nonce and flowIDs, the version that it has consumed or consumes next, the newest version that it has from its peer, and an address that it uses. Only a RSYN and a RSYN-ACK carry a FIN, and only a SYN and the client's ACK of the handshake name the service. A RST that refuses a packet says only what that packet says.",
  source: 'RFC 9293 3.4, RFC 9293 3.10.7.1',
  holds: w => w.did.untrue === 0,
}

export const bareRegisters: Safety<FlowWorld> = {
  id: '79',
  name: 'bare-registers',
  sentence:
    'An end has a next address exactly while it moves, and a candidate for the address of its peer exactly while it validates one. TIMEWAIT moves no more and owes nothing. An ended flow remembers only its flowID and its nonce.',
  source: 'RFC 9293 3.3.2',
  holds: w =>
    w.flow.every(
      f =>
        !isFlow(f) ||
        ((f.nextLocal !== 0) === isMoving(f) &&
          (f.nextPeer !== 0) === isValidating(f) &&
          (f.connection < TIMEWAIT ||
            (f.migration === INITIAL && f.owed === 0 && f.credit === 0 && f.joins === 0)) &&
          (f.connection !== CLOSED ||
            (f.peerFlow === 0 &&
              f.peerNonce === 0 &&
              f.peerToken === 0 &&
              f.local === 0 &&
              f.peer === 0 &&
              f.formerPeer === 0 &&
              f.sndNxt === 0 &&
              f.rcvNxt === 0 &&
              f.claimed === 0 &&
              f.capabilities === 0 &&
              f.held === 0))),
    ),
}
