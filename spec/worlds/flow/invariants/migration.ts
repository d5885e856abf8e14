/** Moves: what is adopted, when, and on whose word. */
import { challenges } from '../../../machines/flow/capabilities.ts'
import { ACK, FIN, RSYN, RSYNACK } from '../../../machines/flow/packets.ts'
import { OWES_CONTROL, OWES_MOVE } from '../../../machines/flow/registers.ts'
import { next, notBefore } from '../../../machines/flow/serial.ts'
import { CONNECTION, MIGRATION } from '../../../machines/flow/states.ts'
import type { Safety } from '../../invariant.ts'
import { ACTED, type FlowWorld } from '../state.ts'
import {
  actor,
  answersProbe,
  everyPair,
  isFlow,
  isLive,
  isMoving,
  isOpening,
  isThere,
  isValidating,
  owesAnyProof,
  owesFin,
} from '../terms.ts'

const { RESPOND, CONNECTED, FINWAIT2, TIMEWAIT } = CONNECTION
const { INITIAL } = MIGRATION

export const increasingMoves: Safety<FlowWorld> = {
  id: '15',
  name: 'increasing-moves',
  sentence: 'The versions of accepted moves strictly increase.',
  source: 'RFC 5061 5.1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        f.nextPeer === 0 ||
        f.nextPeer === g.nextPeer ||
        (w.did.kind === RSYN &&
          notBefore(w.did.verno, g.rcvNxt, g.space) &&
          f.rcvNxt === next(w.did.verno, g.space)),
    ),
}

export const provedAddress: Safety<FlowWorld> = {
  id: '16',
  name: 'proved-address',
  sentence:
    "An end adopts a peer's address exactly when the peer was there for that version, was reached there, and answered from there. It adopts an address of its own when the answer arrived at that address.",
  source: 'RFC 9000 8.2, RFC 8046 3.3, defect D4',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !isLive(f) ||
        !isLive(g) ||
        ((f.peer === g.peer || (w.did.proof === 1 && w.did.from === f.peer && w.did.nonce === g.peerNonce)) &&
          (f.local === g.local ||
            ((w.did.kind === RSYNACK || w.did.kind === RSYN) &&
              w.did.to === f.local &&
              w.did.nonce === g.peerNonce)) &&
          (!isValidating(g) ||
            !answersProbe(w, g) ||
            (w.did.kind !== ACK &&
              w.did.kind !== FIN &&
              (w.did.kind !== RSYNACK || w.did.ackno !== g.sndNxt)) ||
            f.peer === w.did.from)),
    ),
}

export const exactCompletion: Safety<FlowWorld> = {
  id: '17',
  name: 'exact-completion',
  sentence:
    'An ACK completes the move of its own version only. An end repeats the proof of its new address until its peer shows at that address that it has completed the move.',
  source: 'defect D4',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !isValidating(g) ||
        isValidating(f) ||
        w.did.kind === 0 ||
        f.connection >= TIMEWAIT ||
        notBefore(w.did.verno, g.rcvNxt, g.space),
    ) &&
    actor(
      w,
      was,
      (f, g) =>
        !owesAnyProof(g) ||
        w.did.kind === 0 ||
        (owesAnyProof(f) &&
          (isMoving(g) ||
            (isValidating(g) && w.did.kind === FIN && !answersProbe(w, g)) ||
            (w.did.kind !== ACK && w.did.kind !== FIN) ||
            w.did.nonce !== g.peerNonce ||
            w.did.ackno !== g.sndNxt ||
            w.did.to !== g.local)) ||
        (!owesAnyProof(f) &&
          (w.forsaken === 1 ||
            !isLive(f) ||
            w.flow.every(
              peer =>
                peer.localNonce !== f.peerNonce ||
                !isThere(peer) ||
                (peer.connection > RESPOND && peer.peer === f.local),
            ))),
    ),
}

export const repeatedRsyn: Safety<FlowWorld> = {
  id: '18',
  name: 'repeated-rsyn',
  sentence:
    'A repeated RSYN gets the identical answer at the address that it names: a RSYN-ACK, or, while both ends move, a RSYN of the answering end that acknowledges it. An older RSYN gets no answer.',
  source: 'RFC 5061 5.2, defect D1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (_f, g) =>
        w.did.kind !== RSYN ||
        !isLive(g) ||
        w.did.nonce !== g.peerNonce ||
        notBefore(w.did.verno, g.rcvNxt, g.space) ||
        (next(w.did.verno, g.space) === g.rcvNxt
          ? w.did.from !== (isValidating(g) ? g.nextPeer : g.peer) ||
            (w.did.answerTo === w.did.from && w.did.answerAckno === g.rcvNxt)
          : w.did.sent === 0),
    ),
}

export const newestMoveWins: Safety<FlowWorld> = {
  id: '19',
  name: 'newest-move-wins',
  sentence:
    'A newer move supersedes an older one. The completion of the older move does not complete the newer; the completion of the newest does, at the new address, from where this end reaches its peer.',
  source: 'ECCP 4',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !isMoving(g) ||
        w.did.kind === 0 ||
        f.connection >= TIMEWAIT ||
        (isMoving(f)
          ? w.did.nonce !== g.peerNonce ||
            w.did.ackno !== g.sndNxt ||
            w.did.to !== g.nextLocal ||
            (challenges(g.capabilities) === 1 && w.did.challenge === 0) ||
            (w.did.kind === RSYNACK && w.did.from !== g.peer && w.did.from !== g.nextPeer) ||
            (w.did.kind !== RSYNACK && (w.did.kind !== RSYN || !notBefore(w.did.verno, g.rcvNxt, g.space)))
          : w.did.ackno === g.sndNxt),
    ),
}

export const armedTimer: Safety<FlowWorld> = {
  id: '20',
  name: 'armed-timer',
  sentence:
    'The retransmission timer runs exactly while something is owed. It is armed for each new obligation, and again when it has fired while something is owed.',
  source: 'RFC 6298 5, defect D1',
  holds: (w, was) =>
    w.flow.every(
      f =>
        !isFlow(f) ||
        ((f.connection === FINWAIT2 || ((f.owed & OWES_CONTROL) !== 0) === (isOpening(f) || owesFin(f))) &&
          ((f.owed & OWES_MOVE) !== 0) === (f.migration !== INITIAL)),
    ) &&
    actor(
      w,
      was,
      (f, g) =>
        f.owed === 0 ||
        w.did.armed === 1 ||
        ((f.owed | g.owed) === g.owed && w.did.event !== ACTED.TIMEOUT && w.did.event !== ACTED.GIVEUP),
    ),
}

export const keptObligations: Safety<FlowWorld> = {
  id: '21',
  name: 'kept-obligations',
  sentence:
    "A control packet that overrides another keeps all its obligations. A RSYN, and a RSYN-ACK of an end that validates, carry an unacknowledged FIN. An answer to the peer does not stop the end's own move. The timer repeats what is owed: the end's RSYN, and, while there is credit, the probe of the new address.",
  source: 'defect D5',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        (w.did.bareRsyn === 0 || !owesFin(f)) &&
        (w.did.bareAnswer === 0 || !owesFin(f) || !isValidating(f)) &&
        (w.did.event !== ACTED.TIMEOUT ||
          ((!isMoving(g) || w.did.rsyns === 1) &&
            (!isValidating(g) || g.credit === 0 || w.did.answerTo === g.nextPeer))) &&
        (!isMoving(g) ||
          isMoving(f) ||
          w.did.kind !== RSYN ||
          f.connection >= TIMEWAIT ||
          (w.did.ackno === g.sndNxt && w.did.to === g.nextLocal)),
    ),
}

export const moveBackAgreement: Safety<FlowWorld> = {
  id: '22',
  name: 'move-back-agreement',
  sentence:
    "When an end moves from A to B and back to A, a late RSYN for B never wins. When neither end moves and the last version has been consumed, each end has the other's address.",
  source: 'ECCP 4',
  holds: w =>
    w.forsaken === 1 ||
    everyPair(
      w,
      (f, g) =>
        !isLive(f) ||
        !isLive(g) ||
        f.migration !== INITIAL ||
        g.migration !== INITIAL ||
        ((g.rcvNxt !== f.sndNxt || g.peer === f.local) && (f.rcvNxt !== g.sndNxt || f.peer === g.local)),
    ),
}

export const giveUpKeepsFlow: Safety<FlowWorld> = {
  id: '24',
  name: 'give-up-keeps-flow',
  sentence: 'An end that gives up a move keeps its connection where it was.',
  source: 'defect D1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) => w.did.event !== ACTED.GIVEUP || g.migration === INITIAL || f.connection === g.connection,
    ),
}

export const noEarlyMove: Safety<FlowWorld> = {
  id: '27',
  name: 'no-early-move',
  sentence: 'No end moves before its handshake is confirmed.',
  source: 'RFC 9000 9',
  holds: w => w.flow.every(f => !isFlow(f) || f.migration === INITIAL || f.connection >= CONNECTED),
}

export const newestPath: Safety<FlowWorld> = {
  id: '28',
  name: 'newest-path',
  sentence:
    "Only the newest packet that changes the path moves the peer's address: its address becomes the candidate, and only the candidate is adopted.",
  source: 'RFC 9000 9.3',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !isLive(f) ||
        g.connection < RESPOND ||
        ((f.peer === g.peer || f.peer === g.nextPeer) &&
          (f.nextPeer === 0 ||
            f.nextPeer === g.nextPeer ||
            (f.nextPeer === w.did.from && f.rcvNxt !== g.rcvNxt))),
    ),
}

export const finSurvivesRsyn: Safety<FlowWorld> = {
  id: '37',
  name: 'fin-survives-rsyn',
  sentence:
    'FIN and RSYN never erase each other: an end sends a bare FIN only while neither end moves, and a RSYN only while it moves itself.',
  source: 'RFC 5061, capture of RSYN with FIN',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        (w.did.bareFin === 0 || f.migration === INITIAL) && (w.did.rsyns === 0 || isMoving(f) || isMoving(g)),
    ),
}
