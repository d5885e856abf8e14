/** An attacker who has seen the handshakes of joins, but not the keys of the connection. */

import { at } from '../../../checker/text/at.ts'
import { ACK, DATA, FIN, KINDS, RSYN, SYN, SYNACK } from '../../machines/flow/packets.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { range } from '../bounds.ts'
import { receive } from '../flow/effects.ts'
import { type ModelPacket, unpack } from '../flow/packet.ts'
import { packetLabel } from '../flow/rules.ts'
import type { Flow } from '../flow/state.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { isFirst } from '../network.ts'
import { mustClose } from './effects.ts'
import { FIRST_FLOW, type JoiningWorld, STRANGE_NONCE, STRANGER } from './state.ts'

const { REQUEST, RESPOND } = CONNECTION

/**
 * The worst that it can make up while the flow opens: flowIDs, nonces and versions right, and no proof, or one that was made for
 * another flow. An answer to a SYN has a nonce of its own.
 */
export const pretend = (f: Flow, kind: number, stolen: number): ModelPacket => ({
  kind,
  verno: f.connection === REQUEST ? 0 : f.rcvNxt,
  ackno: f.sndNxt,
  nonce: f.connection === REQUEST ? STRANGE_NONCE : f.peerNonce,
  fin: kind === RSYN ? stolen : 0,
  srcFlow: f.connection === REQUEST ? 3 : f.peerFlow,
  dstFlow: f.localFlow,
  from: f.connection === REQUEST || stolen === 1 ? STRANGER : f.peer,
  to: f.local,
  proof: 0,
  ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0 },
  joins: stolen === 0 ? 0 : f.localNonce === 1 ? 3 : f.localNonce === 2 ? 4 : 3,
})

export const attacks = (capacity: number): readonly WorldRule<JoiningWorld>[] => [
  {
    name: 'replay elsewhere',
    kind: 'fault',
    over: { m: range(capacity) },
    when: (w, { m }) => isFirst(w, m),
    take: (w, { m }) => receive(w, { ...unpack(w, at(w.net, m)), from: STRANGER }),
    label: (w, { m }) => `replay from ${STRANGER} ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'pretend',
    kind: 'fault',
    over: { f: [0, 1, 2], k: [SYNACK, ACK, RSYN, FIN, DATA], s: [0, 1] },
    when: (w, { f }) => at(w.flow, f).connection === REQUEST || at(w.flow, f).connection === RESPOND,
    take: (w, { f, k, s }) => receive(w, pretend(at(w.flow, f), k, s)),
    label: (_w, { f, k, s }) =>
      `pretend ${KINDS[k]} to flow slot ${f}${s === 1 ? ' with the proof of another flow' : ''}`,
  },
  {
    name: 'pretend to join',
    kind: 'fault',
    when: () => true,
    take: w =>
      receive(w, {
        ...{ kind: SYN, verno: 0, ackno: 0, nonce: STRANGE_NONCE, fin: 0, proof: 0 },
        ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
        ...{ srcFlow: 3, dstFlow: 0, from: STRANGER, to: 3 },
      }),
    label: () => `pretend to join with ${KINDS[SYN]}`,
  },
]

/** Both ends close the connection while flows join it. */
export const ending: readonly WorldRule<JoiningWorld>[] = [
  {
    name: 'end',
    kind: 'environment',
    when: w => w.mayEnd === 1 && w.end.finished === 0,
    take: w => step('connection', w.end, 'CLOSE'),
    label: () => 'the accepter closes the connection',
  },
  {
    name: 'peer ends',
    kind: 'environment',
    when: w => w.mayEnd === 1 && w.end.finished === 1 && w.end.heard === 0,
    take: w => step('connection', w.end, 'FIN', { flow: FIRST_FLOW, ended: 1 }),
    label: () => "the joiner's end closes the connection",
  },
  {
    name: 'close joined',
    kind: 'protocol',
    over: { f: [1, 2] },
    when: (w, { f }) => mustClose(w, at(w.flow, f)) && can('flow', at(w.flow, f), 'CLOSE'),
    take: (w, { f }) => step('flow', at(w.flow, f), 'CLOSE'),
    label: (_w, { f }) => `flow slot ${f} closes with its connection`,
  },
]
