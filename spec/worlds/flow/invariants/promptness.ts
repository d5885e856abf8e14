/**
 * Promptness of flows: in a world that loses nothing, every goal is reached without any timer. A machine that forgets to
 * send, and is rescued by its retransmission timer elsewhere, violates it.
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
  isSettled,
  isUnanswered,
  somePair,
} from '../terms.ts'

const { REQUEST, RESPOND, CONNECTED, TIMEWAIT, CLOSED } = CONNECTION

/** Only that packets which are in the network arrive, and that hops forward them. */
const NETWORK = { deliver: 'weak', resolve: 'weak', forward: 'weak' } as const

export const connectsPromptly: Liveness<FlowWorld> = {
  id: '7p',
  name: 'connects-promptly',
  sentence: 'Without losses and timers, every connect ends in CONNECTED or an error.',
  source: 'RFC 9293 3.10.1',
  isPrompt: true,
  lasts: w => w.flow.some(f => f.role === ROLE.CLIENT && f.connection === REQUEST),
  under: NETWORK,
}

export const confirmsPromptly: Liveness<FlowWorld> = {
  id: '5p',
  name: 'confirms-promptly',
  sentence: 'Without losses and timers, every flow of a server leaves RESPOND.',
  source: 'RFC 4987, defect D9',
  isPrompt: true,
  lasts: w => w.flow.some(f => f.role === ROLE.CHILD && f.connection === RESPOND && !isUnanswered(w, f)),
  under: NETWORK,
}

export const movesPromptly: Liveness<FlowWorld> = {
  id: '24p',
  name: 'moves-promptly',
  sentence: 'Without losses and timers, two connected ends agree on their addresses after the last move.',
  source: 'ECCP 4',
  isPrompt: true,
  lasts: w => somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED && !agree(f, g)),
  under: NETWORK,
}

export const movesHalfClosedPromptly: Liveness<FlowWorld> = {
  id: '38p',
  name: 'moves-half-closed-promptly',
  sentence: 'Without losses and timers, two half-closed ends agree on their addresses after the last move.',
  source: 'defect D6',
  isPrompt: true,
  lasts: w => somePair(w, (f, g) => isHalfClosed(f, g) && !agree(f, g)),
  under: NETWORK,
}

export const closesPromptly: Liveness<FlowWorld> = {
  id: '41p',
  name: 'closes-promptly',
  sentence:
    'Without losses and timers, two ends that close reach TIME-WAIT or CLOSED. TIME-WAIT itself needs its timer.',
  source: 'RFC 9293 3.6',
  isPrompt: true,
  lasts: w =>
    w.flow.every(f => !isFlow(f) || isClosing(f)) &&
    w.flow.some(f => isFlow(f) && f.connection !== TIMEWAIT && f.connection !== CLOSED),
  under: NETWORK,
}

export const settlesPromptly: Liveness<FlowWorld> = {
  id: '6p',
  name: 'settles-promptly',
  sentence:
    'Without losses and timers, each flow reaches a state in which nothing is left to do, or TIME-WAIT.',
  source: 'RFC 9293 3.3.2',
  isPrompt: true,
  lasts: w =>
    w.flow.some(f => isFlow(f) && f.connection !== TIMEWAIT && !isSettled(w, f) && !isUnanswered(w, f)),
  under: { ...NETWORK, close: 'weak', send: 'weak' },
}

export const owesNothingPromptly: Liveness<FlowWorld> = {
  id: '20p',
  name: 'owes-nothing-promptly',
  sentence:
    'Without losses and timers, each flow ends up owing nothing: its peer has acknowledged whatever the flow would otherwise repeat.',
  source: 'RFC 6298 5.2',
  isPrompt: true,
  lasts: w => w.flow.some(f => isFlow(f) && f.owed !== 0 && !isUnanswered(w, f)),
  under: { ...NETWORK, close: 'weak', send: 'weak' },
}

export const abortsPromptly: Liveness<FlowWorld> = {
  id: '2p',
  name: 'aborts-promptly',
  sentence: 'Without losses and timers, no flow stays live when its peer has ended.',
  source: 'RFC 9293 3.10.5',
  isPrompt: true,
  lasts: w =>
    w.flow.some(f => isLive(f) && w.flow.some(g => g.nonce === f.peerNonce && g.connection === CLOSED)),
  under: { ...NETWORK, close: 'weak', send: 'weak' },
}

export const arrivesPromptly: Liveness<FlowWorld> = {
  id: '59p',
  name: 'arrives-promptly',
  sentence: 'Without losses and timers, everything that a live end has sent to a live end arrives.',
  source: 'RFC 9293 3.4',
  isPrompt: true,
  lasts: w =>
    w.hasData === 1 &&
    somePair(w, (f, g) => isLive(f) && isLive(g) && (f.got !== g.sent || g.got !== f.sent)),
  under: NETWORK,
}
