/** What holds of a connection with several flows. */
import { at } from '../../../checker/text/at.ts'
import { NOT_OPEN } from '../../machines/connection/reasons.ts'
import { invariantsOf, type Liveness, type Recoverability, type Safety } from '../invariant.ts'
import { ACTED, bit, carries, FLOWS, type FlowsWorld, SEEN, SENT } from './state.ts'
import { connected, isOpen, isOver, works } from './terms.ts'

export const authenticAdverts: Safety<FlowsWorld> = {
  id: '34',
  name: 'authentic-adverts',
  sentence:
    "An end takes the peer's addresses and wishes only from an advertisement with a proof, and never from an older version. An end stops advertising only when the peer has its newest version.",
  source: 'RFC 8684 3.4',
  holds: (w, was) =>
    w.end.every(
      (e, i) =>
        (e.peerVersion === at(was.end, i).peerVersion ||
          (e.peerVersion > at(was.end, i).peerVersion && w.did.kind === SENT.ADVERT && w.did.proves === 1)) &&
        (e.knows === at(was.end, i).knows || e.peerVersion !== at(was.end, i).peerVersion) &&
        (e.peerVersion !== at(w.end, 1 - i).version || e.knows === at(w.end, 1 - i).place) &&
        (!isOpen(e) ||
          e.owed === 1 ||
          !isOpen(at(w.end, 1 - i)) ||
          at(w.end, 1 - i).peerVersion === e.version),
    ),
}

export const lastFlowStays: Safety<FlowsWorld> = {
  id: '35',
  name: 'last-flow-stays',
  sentence:
    'A connection ends only when both ends have closed it, when one has aborted it, or when the path of its last flow dies: no end, and no two ends together, remove the last flow that both have.',
  source: 'RFC 5061 4.3',
  holds: w =>
    w.closed === 3 ||
    w.aborted === 1 ||
    w.end.every(e => !isOver(e)) ||
    w.cut === 2 ||
    // An end has removed a flow for another one, whose path then died.
    (w.cut === 1 && w.end.some(e => e.removed === 1)),
}

export const knownFlows: Safety<FlowsWorld> = {
  id: '68',
  name: 'known-flows',
  sentence:
    'An end counts exactly its connected flows as flows of its connection. A connection without a flow, and without one that joins, is over. Once an end has closed, each of its flows has sent its FIN. When it is over, no flow joins it.',
  source: 'RFC 8684 3.2',
  holds: w =>
    w.end.every(
      e =>
        (isOver(e)
          ? e.live === 0 && e.pending === 0 && connected(e) === 0
          : e.live === connected(e) && (e.live | e.pending) !== 0) &&
        (!isOver(e) || FLOWS.every(f => at(e.sees, f) !== SEEN.JOINING && at(e.sees, f) !== SEEN.WAITING)) &&
        (e.finished === 0 || FLOWS.every(f => at(e.sees, f) !== SEEN.UP && at(e.sees, f) !== SEEN.GOT)),
    ),
}

export const joinsWhileData: Safety<FlowsWorld> = {
  id: '70',
  name: 'joins-while-data',
  sentence:
    'A connection takes flows while either direction carries data: an end refuses one as too late only when both ends have closed.',
  source: 'RFC 8684 3.3',
  holds: w => w.did.rejected !== NOT_OPEN || w.did.event === ACTED.REMOVE || w.closed === 3,
}

export const toldTransport: Safety<FlowsWorld> = {
  id: '80',
  name: 'told-transport',
  sentence:
    'The transport hears of each flow that joins its connection, and that the peer has finished. The application hears when the connection is over.',
  source: 'RFC 8684 3.3',
  holds: (w, was) =>
    (w.did.used !== 0 || w.end.every((e, i) => (e.live & (7 - at(was.end, i).live)) === 0)) &&
    (w.did.confirmed === 1 || w.end.every((e, i) => e.heard === at(was.end, i).heard)) &&
    (w.did.over !== 0) === w.end.some((e, i) => isOver(e) && !isOver(at(was.end, i))),
}

export const sparedBackups: Safety<FlowsWorld> = {
  id: '72',
  name: 'spared-backups',
  sentence:
    'Data leaves on a flow that either end has made a backup only while no other flow works, once the other end has heard of it.',
  source: 'RFC 8684 3.3.8',
  holds: w =>
    w.did.event !== ACTED.SEND ||
    at(w.end, 1).owed === 1 ||
    ((at(w.end, 0).backups | at(w.end, 1).backups) & bit(w.did.flow)) === 0 ||
    !FLOWS.some(f => works(w, f) && ((at(w.end, 0).backups | at(w.end, 1).backups) & bit(f)) === 0),
}

export const ownClose: Safety<FlowsWorld> = {
  id: '71',
  name: 'own-close',
  sentence:
    "An end takes its peer's direction for closed only when the peer has closed the connection, not when it has ended a flow.",
  source: 'RFC 8684 3.3.3',
  holds: w => w.end.every((e, i) => e.heard === 0 || (w.closed & bit(1 - i)) !== 0),
}

export const provedAdmission: Safety<FlowsWorld> = {
  id: '33c',
  name: 'proved-admission',
  sentence: 'A SYN without a proof changes nothing at an end.',
  source: 'RFC 8684 3.2',
  holds: (w, was) =>
    w.did.kind !== SENT.SYN ||
    w.did.proves === 1 ||
    w.end.every((e, i) => e.pending === at(was.end, i).pending && e.live === at(was.end, i).live),
}

export const removedFlows: Safety<FlowsWorld> = {
  id: '35b',
  name: 'only-opener-removes',
  sentence:
    'A flow is removed by the opener alone, at once or when the accepter has confirmed another one; the accepter asks for it, and the flow goes on until the opener agrees.',
  source: 'RFC 5061 4.3',
  holds: (w, was) =>
    w.did.event !== ACTED.REMOVE ||
    w.did.rejected !== 0 ||
    (w.did.end === 1
      ? at(w.end, 0).live !== at(was.end, 0).live || at(w.end, 0).unwanted !== at(was.end, 0).unwanted
      : at(w.end, 1).live === at(was.end, 1).live && at(w.end, 1).owed === 1),
}

export const confirmedFlows: Safety<FlowsWorld> = {
  id: '35c',
  name: 'confirmed-flows',
  sentence:
    'The opener takes a flow for one that can stay only when the flow has been connected at the accepter.',
  source: 'RFC 5061 4.3',
  holds: w =>
    FLOWS.every(
      f =>
        (at(w.end, 0).confirmed & bit(f)) === 0 ||
        carries(at(at(w.end, 1).sees, f)) ||
        at(at(w.end, 1).sees, f) >= SEEN.GONE,
    ),
}

export const resetAsks: Safety<FlowsWorld> = {
  id: '75',
  name: 'reset-asks',
  sentence:
    'An end that hears the reset of a flow, or of one that joins, asks on each other flow of its connection whether the peer still has it.',
  source: 'RFC 9293 3.10.7',
  holds: (w, was) =>
    w.did.kind !== SENT.RST ||
    w.end.every(
      (e, i) =>
        w.did.end !== i + 1 ||
        at(at(was.end, i).sees, w.did.flow) === at(e.sees, w.did.flow) ||
        (e.live & w.did.asked) === e.live,
    ),
}

export const dataGoesOn: Recoverability<FlowsWorld> = {
  id: '36',
  name: 'one-flow-is-enough',
  sentence: 'While one flow works, data arrives, whatever flow has carried it before.',
  source: 'ECCP 3',
  when: w => w.hasData === 1 && isOpen(at(w.end, 0)) && isOpen(at(w.end, 1)) && FLOWS.some(f => works(w, f)),
  goal: w => w.delivered === 1,
}

export const allFlowsEnd: Recoverability<FlowsWorld> = {
  id: '69',
  name: 'all-flows-end',
  sentence: 'When an end has aborted, or both have closed, the connection is over at both ends.',
  source: 'RFC 8684 3.5',
  when: w => w.end.some(isOver) || w.closed === 3,
  goal: w => w.end.every(isOver),
}

export const removalsHappen: Recoverability<FlowsWorld> = {
  id: '35',
  name: 'removals-happen',
  sentence: 'A flow that an end has removed ends while another flow works that no end wants to end.',
  source: 'RFC 5061 4.3',
  when: w =>
    w.end.every(isOpen) &&
    w.end.some(e => e.unwanted !== 0) &&
    FLOWS.some(f => works(w, f) && w.end.every(e => (e.unwanted & bit(f)) === 0)),
  goal: w => w.end.some(e => !isOpen(e)) || w.end.every(e => e.unwanted === 0),
}

export const wishesAreHeard: Recoverability<FlowsWorld> = {
  id: '34',
  name: 'adverts-arrive',
  sentence: 'What an end advertises arrives while the connection is open and one flow works.',
  source: 'RFC 8684 3.4',
  when: w => isOpen(at(w.end, 0)) && isOpen(at(w.end, 1)) && FLOWS.some(f => works(w, f)),
  goal: w =>
    w.end.some(e => !isOpen(e)) ||
    w.end.every(
      (e, i) =>
        e.owed === 0 &&
        e.knows === at(w.end, 1 - i).place &&
        // The marks of the flows that both ends have.
        (e.spared & e.live & at(w.end, 1 - i).live) === (at(w.end, 1 - i).backups & e.live),
    ),
}

export const undeliveredNeverLasts: Liveness<FlowsWorld> = {
  id: '36',
  name: 'undelivered-never-lasts',
  sentence: 'Data does not stay undelivered forever while one flow works.',
  source: 'ECCP 3',
  lasts: w =>
    w.hasData === 1 &&
    w.delivered === 0 &&
    isOpen(at(w.end, 0)) &&
    isOpen(at(w.end, 1)) &&
    FLOWS.some(f => works(w, f)),
  under: { deliver: 'strong', timeout: 'strong', send: 'weak', 'give up': 'weak' },
}

export const flowsInvariants = invariantsOf<FlowsWorld>(
  [
    provedAdmission,
    authenticAdverts,
    lastFlowStays,
    removedFlows,
    confirmedFlows,
    knownFlows,
    joinsWhileData,
    ownClose,
    sparedBackups,
    resetAsks,
    toldTransport,
  ],
  [wishesAreHeard, removalsHappen, dataGoesOn, allFlowsEnd],
  [undeliveredNeverLasts],
)
