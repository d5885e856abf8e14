/** What holds of flows that join a connection. */
import { at } from '../../../checker/text/at.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { flowInvariants } from '../flow/invariants/index.ts'
import { ROLE } from '../flow/state.ts'
import { isLive } from '../flow/terms.ts'
import { invariantsOf, type Safety } from '../invariant.ts'
import { bitOf, type JoiningWorld } from './state.ts'

const { REQUEST, RESPOND, CLOSED } = CONNECTION

export const provedJoin: Safety<JoiningWorld> = {
  id: '33',
  name: 'proved-join',
  sentence:
    'A flow that joins a connection opens only by a packet that proves the keys for exactly this flow, and its peer is one that has the keys.',
  source: 'RFC 8684 3.2',
  holds: (w, was) =>
    w.flow.every(
      (f, i) =>
        f.keys === 0 ||
        !isLive(f) ||
        (((at(was.flow, i).connection !== REQUEST && at(was.flow, i).connection !== RESPOND) ||
          w.did.joins === f.localNonce + 1) &&
          w.flow.some(
            g =>
              g.keys === 1 &&
              g.nonce === f.peerNonce &&
              (g.connection === CLOSED || g.peerNonce === f.localNonce),
          )),
    ),
}

export const onlyProvedFlows: Safety<JoiningWorld> = {
  id: '33b',
  name: 'only-proved-flows',
  sentence:
    'A connection admits only a SYN that proves the keys, and counts the flow among its flows once it has proved them again.',
  source: 'RFC 8684 3.2',
  holds: w =>
    (w.did.welcomed === 0 || w.did.joins === 1) &&
    w.flow.every(
      f =>
        f.role !== ROLE.CHILD ||
        (w.end.live & bitOf(f)) === 0 ||
        (f.connection !== CONNECTION.INIT && f.connection !== RESPOND),
    ),
}

export const boundedCopies: Safety<JoiningWorld> = {
  id: '33d',
  name: 'bounded-copies',
  sentence: 'One SYN begins at most two handshakes at a time, and none once a flow that it began has opened.',
  source: 'RFC 8684 5',
  holds: (w, was) => w.did.welcomed === 0 || (was.spent === 0 && w.did.copies < 2),
}

export const joinInvariants = invariantsOf<JoiningWorld>([provedJoin, onlyProvedFlows, boundedCopies], [], [])

/** The invariants of flows hold too. */
export const joiningInvariants = invariantsOf<JoiningWorld>(
  [...flowInvariants.safety, ...joinInvariants.safety],
  flowInvariants.recoveries,
  flowInvariants.liveness,
)

/** An attacker who is the path may keep both ends apart, and show each SYN from several addresses (3, 22). */
export const attackedJoinInvariants = invariantsOf<JoiningWorld>(
  [...flowInvariants.safety.filter(({ id }) => id !== '3b' && id !== '22'), ...joinInvariants.safety],
  [],
  [],
)
