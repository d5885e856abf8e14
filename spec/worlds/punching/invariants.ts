/** Invariants of a relay between two ends behind translators, and of how they leave it. */
import { RSYNACK } from '../../machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../machines/flow/states.ts'
import { translatedInvariants } from '../flow/invariants/index.ts'
import { actor, everyPair, isLive, isMoving } from '../flow/terms.ts'
import { invariantsOf, type Liveness, type Recoverability, type Safety } from '../invariant.ts'
import { CLIENT, isRelayed, MOST_RETURNS, type PunchingWorld, SERVER } from './state.ts'

const { CONNECTED } = CONNECTION

export const carriedBetweenEnds: Safety<PunchingWorld> = {
  id: '84',
  name: 'carried-between-ends',
  sentence:
    'A relay carries packets only from one end of a flow to the other, and follows an end only to an address that is connected to the relay.',
  source: 'RFC 8656 21.1',
  holds: w =>
    w.did.carriedTo === 0 ||
    (w.did.carriesFrom === CLIENT && w.did.carriedTo === SERVER) ||
    (w.did.carriesFrom === SERVER && w.did.carriedTo === CLIENT),
}

export const answeredWhereReached: Safety<PunchingWorld> = {
  id: '85c',
  name: 'answered-where-reached',
  sentence: 'A RSYN-ACK ends a move only if it comes from where the end reaches its peer, or is about to.',
  source: 'RFC 4787 4.1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !isMoving(g) ||
        isMoving(f) ||
        w.did.kind !== RSYNACK ||
        w.did.from === g.peer ||
        w.did.from === g.nextPeer,
    ),
}

/** Both ends rest, and both use the relay or both the direct path. */
export const isTogether = (w: Pick<PunchingWorld, 'flow'>): boolean =>
  w.flow.every(f => f.migration === MIGRATION.INITIAL) &&
  everyPair(w as PunchingWorld, (f, g) => isRelayed(f.peer) === isRelayed(g.peer))

export const samePath: Recoverability<PunchingWorld> = {
  id: '85',
  name: 'same-path',
  sentence:
    'Two ends that leave the relay, or return to it, end up on the same path, both on the relay or both on the direct path, as long as they may begin a move again.',
  source: 'RFC 8445 12.1',
  when: w => w.flow.every(f => isLive(f)) && w.ends.every(e => e.returns < MOST_RETURNS),
  goal: w => w.flow.some(f => !isLive(f)) || isTogether(w),
}

export const punchedPath: Recoverability<PunchingWorld> = {
  id: '85b',
  name: 'punched-path',
  sentence:
    'Two ends whose translators map independently of the destination can leave the relay, as long as they may try.',
  source: 'RFC 5128 3.3',
  when: w =>
    w.mayPunch === 1 &&
    w.mayForget === 0 &&
    w.flow.every(f => f.connection === CONNECTED && f.migration === MIGRATION.INITIAL && isRelayed(f.peer)) &&
    w.ends.every(e => e.attempts === 0 && e.failed === 0),
  goal: w =>
    w.flow.some(f => f.connection !== CONNECTED) || (isTogether(w) && w.flow.every(f => !isRelayed(f.peer))),
}

export const punchesPromptly: Liveness<PunchingWorld> = {
  id: '85p',
  name: 'punches-promptly',
  sentence:
    'Without losses and timers, two ends that begin to leave the relay are on the direct path when the move ends, if their translators map independently of the destination.',
  source: 'RFC 5128 3.3',
  isPrompt: true,
  lasts: w =>
    w.mayPunch === 1 &&
    w.ends.some(e => e.attempts > 0) &&
    w.flow.every(f => f.connection === CONNECTED) &&
    w.flow.some(f => isRelayed(f.peer) || f.migration !== MIGRATION.INITIAL),
  under: { deliver: 'weak', carry: 'weak', block: 'weak', follow: 'weak' },
}

export const ownPunchingInvariants = invariantsOf(
  [carriedBetweenEnds, answeredWhereReached],
  [samePath, punchedPath],
  [punchesPromptly],
)

/** The invariants of flows hold too, but for those that compare addresses of both ends. */
export const punchingInvariants = invariantsOf(
  [...translatedInvariants.safety, ...ownPunchingInvariants.safety],
  ownPunchingInvariants.recoveries,
  ownPunchingInvariants.liveness,
)
