/**
 * Liveness of flows: properties of all endless runs, faults included. An application that may close eventually closes. Every
 * model has finitely many moves.
 */
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Liveness } from '../../invariant.ts'
import { type FlowWorld, ROLE } from '../state.ts'
import {
  agree,
  isClosing,
  isFlow,
  isHalfClosed,
  isLive,
  isMidMove,
  isSettled,
  isThere,
  somePair,
} from '../terms.ts'

const { REQUEST, RESPOND, CONNECTED } = CONNECTION

/** A SYN to a service is resolved, or forwarded by a router, before it can be delivered. */
const RESOLUTION = { resolve: 'weak', forward: 'weak' } as const

export const confirmationComes: Liveness<FlowWorld> = {
  id: '5',
  name: 'confirmation-comes',
  sentence:
    'A client that has connected and repeats what it owes does not find the flow of the server in RESPOND forever.',
  source: 'defect D9',
  lasts: w => somePair(w, (f, g) => isLive(f) && f.owed !== 0 && g.connection === RESPOND),
  under: { deliver: 'weak', timeout: 'strong', ...RESOLUTION },
}

export const respondNeverLasts: Liveness<FlowWorld> = {
  id: '5b',
  name: 'respond-never-lasts',
  sentence: 'No run stays in RESPOND forever.',
  source: 'RFC 4987, defect D9',
  lasts: w => w.flow.some(f => f.role === ROLE.CHILD && f.connection === RESPOND),
  under: { deliver: 'weak', timeout: 'strong', ...RESOLUTION },
}

export const lockNeverLasts: Liveness<FlowWorld> = {
  id: '6',
  name: 'lock-never-lasts',
  sentence:
    'No run holds both ends forever in states in which something is left to do, unless a move was given up.',
  source: 'RFC 9293 3.3.2',
  lasts: w => w.forsaken === 0 && w.flow.some(f => isFlow(f) && !isSettled(w, f)),
  under: {
    'go back': 'weak',
    ...{ deliver: 'strong', timeout: 'strong', expire: 'strong', unanswered: 'weak', close: 'weak' },
    ...{ transfer: 'strong', resolve: 'strong', forward: 'weak' },
  },
}

export const connectNeverLasts: Liveness<FlowWorld> = {
  id: '7',
  name: 'connect-never-lasts',
  sentence: 'No connect lasts forever: it ends in CONNECTED or an error.',
  source: 'RFC 9293 3.10.1',
  lasts: w => w.flow.some(f => f.role === ROLE.CLIENT && f.connection === REQUEST),
  under: { deliver: 'strong', timeout: 'strong', unanswered: 'weak', resolve: 'strong' },
}

export const disagreementNeverLasts: Liveness<FlowWorld> = {
  id: '23',
  name: 'disagreement-never-lasts',
  sentence:
    'After the last move, two connected ends do not disagree on their addresses forever, unless a move was given up.',
  source: 'ECCP 4, defects D1, D5',
  lasts: w =>
    w.forsaken === 0 &&
    somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED && !agree(f, g)),
  under: { 'go back': 'weak', deliver: 'strong', timeout: 'strong', resolve: 'weak' },
}

export const moveNeverLasts: Liveness<FlowWorld> = {
  id: '24',
  name: 'move-never-lasts',
  sentence: 'No move of a connected flow lasts forever, unless one was given up.',
  source: 'ECCP 4, defect D1',
  lasts: w => w.forsaken === 0 && somePair(w, (f, g) => isMidMove(f, g)),
  under: { 'go back': 'weak', deliver: 'strong', timeout: 'strong', resolve: 'weak' },
}

export const halfClosedMoveNeverLasts: Liveness<FlowWorld> = {
  id: '38',
  name: 'half-closed-move-never-lasts',
  sentence: 'Two half-closed ends do not disagree on their addresses forever, unless a move was given up.',
  source: 'defect D6',
  lasts: w => w.forsaken === 0 && somePair(w, (f, g) => isHalfClosed(f, g) && !agree(f, g)),
  under: { 'go back': 'weak', deliver: 'strong', timeout: 'strong', resolve: 'weak' },
}

export const closingNeverLasts: Liveness<FlowWorld> = {
  id: '41',
  name: 'closing-never-lasts',
  sentence: 'Two ends that close do not do so forever.',
  source: 'RFC 9293 3.6, defect D10',
  lasts: w => w.flow.every(f => !isFlow(f) || isClosing(f)) && w.flow.some(isThere),
  under: {
    'go back': 'weak',
    ...{ deliver: 'strong', timeout: 'strong', expire: 'strong', unanswered: 'weak' },
    ...RESOLUTION,
  },
}
