/** What can still be reached from everywhere once faults stop. True liveness under fairness would be stated here too. */
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Recoverability } from '../../invariant.ts'
import { type FlowWorld, ROLE } from '../state.ts'
import {
  agree,
  everyPair,
  isClosing,
  isHalfClosed,
  isLive,
  isMidMove,
  isSettled,
  isThere,
  isValid,
  noLateAnswer,
  somePair,
} from '../terms.ts'

const { INIT, REQUEST, RESPOND, CONNECTED, CLOSED } = CONNECTION

export const halfOpenEnds: Recoverability<FlowWorld> = {
  id: '2',
  name: 'half-open-ends',
  sentence: 'When one end is CLOSED, the other leaves CONNECTED when it next sends.',
  source: 'RFC 9293 3.5.1',
  when: w =>
    w.flow.some(
      f =>
        f.connection === CONNECTED &&
        w.flow.some(g => g.host !== f.host && g.connection === CLOSED && g.localFlow === f.peerFlow),
    ),
  goal: w => w.flow.every(f => f.connection !== CONNECTED || f.mayClose === 0),
}

export const respondEnds: Recoverability<FlowWorld> = {
  id: '5b',
  name: 'respond-ends',
  sentence: 'A flow leaves RESPOND for CONNECTED, CLOSEWAIT or CLOSED.',
  source: 'RFC 4987, defect D9',
  when: w => w.flow.some(f => f.role === ROLE.CHILD && f.connection === RESPOND),
  goal: w => w.flow.every(f => f.role !== ROLE.CHILD || f.connection !== RESPOND),
}

export const anyPacketConfirms: Recoverability<FlowWorld> = {
  id: '5',
  name: 'any-packet-confirms',
  sentence:
    "While the client lives and repeats what it owes, the server's flow becomes live: any packet confirms the handshake.",
  source: 'defect D9',
  when: w => somePair(w, (f, g) => isLive(f) && f.owed !== 0 && g.connection === RESPOND),
  goal: w => somePair(w, (_f, g) => g.connection > RESPOND && isThere(g)),
}

export const noLockedPair: Recoverability<FlowWorld> = {
  id: '6',
  name: 'no-locked-pair',
  sentence: 'No pair of states holds both ends forever, except open idle flows and ends that gave up a move.',
  source: 'RFC 9293 3.3.2',
  when: w => w.forsaken === 0 && !w.flow.every(f => f.role === ROLE.LISTENER || isSettled(w, f)),
  goal: w => w.flow.every(f => f.role === ROLE.LISTENER || isSettled(w, f)),
}

export const connectEnds: Recoverability<FlowWorld> = {
  id: '7',
  name: 'connect-ends',
  sentence: 'A connect ends in CONNECTED or with an error.',
  source: 'RFC 9293 3.10.1',
  when: w => w.flow.some(f => f.role === ROLE.CLIENT && f.connection === REQUEST),
  goal: w => w.flow.every(f => f.role !== ROLE.CLIENT || f.connection !== REQUEST),
}

export const floodShutsNobodyOut: Recoverability<FlowWorld> = {
  id: '7b',
  name: 'flood-shuts-nobody-out',
  sentence:
    'While a listener serves, a client gets its flow if its connect or its valid stateless answer is under way, whatever fills the listener. The exception is a SYN-ACK under way that has outlived its flow or its epoch.',
  source: 'RFC 4987 3.6',
  when: w =>
    w.epochs > 0 &&
    w.listener.listener === 0 &&
    w.flow.some(
      f =>
        f.role === ROLE.CLIENT &&
        (f.connection === REQUEST ||
          (f.connection === CONNECTED &&
            f.owed !== 0 &&
            w.flow.some(
              g => g.answers === f.nonce && g.nonce === f.peerNonce && g.connection === INIT && isValid(w, g),
            ))),
    ) &&
    noLateAnswer(w),
  goal: w => somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED && f.owed === 0),
}

export const moveConvergence: Recoverability<FlowWorld> = {
  id: '23',
  name: 'move-convergence',
  sentence: 'After the last move both ends agree on addresses and are INITIAL again.',
  source: 'ECCP 4, defects D1, D5',
  when: w =>
    w.forsaken === 0 && somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED),
  // Beside them another pair may stay half-closed, where an application never closes.
  goal: w =>
    somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED) &&
    everyPair(
      w,
      (f, g) =>
        agree(f, g) && (isHalfClosed(f, g) || (f.connection === CONNECTED && g.connection === CONNECTED)),
    ),
}

export const workingPathSurvives: Recoverability<FlowWorld> = {
  id: '24',
  name: 'working-path-survives',
  sentence:
    'A move never ends a flow that has a working path: from every state of a move the flow can continue.',
  source: 'ECCP 4, defect D1',
  when: w => w.forsaken === 0 && somePair(w, (f, g) => isMidMove(f, g)),
  goal: w =>
    somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED) &&
    everyPair(w, (f, g) => !isMidMove(f, g)),
}

export const halfClosedMoves: Recoverability<FlowWorld> = {
  id: '38',
  name: 'half-closed-moves',
  sentence: 'A move completes in half-closed states.',
  source: 'defect D6',
  when: w => w.forsaken === 0 && somePair(w, isHalfClosed),
  goal: w =>
    somePair(w, (f, g) => isHalfClosed(f, g) && agree(f, g)) &&
    everyPair(w, (f, g) => !isHalfClosed(f, g) || agree(f, g)),
}

export const closersClose: Recoverability<FlowWorld> = {
  id: '41',
  name: 'closers-close',
  sentence: 'Two ends that both close reach CLOSED once the network connects them again.',
  source: 'RFC 9293 3.6, defect D10',
  when: w => w.flow.every(f => f.role === ROLE.LISTENER || isClosing(f)),
  goal: w => w.flow.every(f => f.role === ROLE.LISTENER || !isThere(f)),
}

export const otherInstancesReset: Recoverability<FlowWorld> = {
  id: '44',
  name: 'other-instances-reset',
  sentence: 'Every instance but the one that answered first is reset.',
  source: 'Serval paper 3, defect D15',
  when: w =>
    w.flow.some(
      f =>
        f.role === ROLE.CLIENT &&
        f.connection === CONNECTED &&
        w.flow.some(
          g =>
            g.role === ROLE.CHILD &&
            g.connection === RESPOND &&
            g.localNonce !== f.peerNonce &&
            g.peerNonce === f.localNonce,
        ),
    ),
  goal: w =>
    w.flow.every(
      f =>
        f.role !== ROLE.CLIENT ||
        w.flow.every(
          g =>
            g.role !== ROLE.CHILD ||
            g.connection !== RESPOND ||
            g.localNonce === f.peerNonce ||
            g.peerNonce !== f.localNonce,
        ),
    ),
}
