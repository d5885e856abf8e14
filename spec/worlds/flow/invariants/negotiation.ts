/** Capabilities: what two ends agree on beyond the prototype's protocol. */
import { common } from '../../../machines/flow/capabilities.ts'
import { SYN, SYNACK } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Recoverability, Safety } from '../../invariant.ts'
import type { FlowWorld } from '../state.ts'
import { actor, everyPair, isFlow, isLive, provesLoss } from '../terms.ts'

const { CLOSED } = CONNECTION

export const provedCapabilities: Safety<FlowWorld> = {
  id: '62',
  name: 'proved-capabilities',
  sentence:
    'Two ends that know each other use the same capabilities: those that both offer. A SYN-ACK names none that its SYN does not name, so a prototype gets no negotiation but in a SYN.',
  source: 'RFC 9000 7.4',
  holds: w =>
    everyPair(
      w,
      (f, g) => f.capabilities === common(f.offers, g.offers) && g.capabilities === f.capabilities,
    ) &&
    (w.did.kind !== SYN ||
      w.did.sentKind !== SYNACK ||
      w.did.sentCapabilities === common(w.did.sentCapabilities, w.did.capabilities)),
}

export const readableData: Safety<FlowWorld> = {
  id: '63',
  name: 'readable-data',
  sentence: "No end drops its peer's data because it expects another checksum.",
  source: 'RFC 9293 3.1',
  holds: w => w.did.unreadable === 0,
}

export const tokenResets: Safety<FlowWorld> = {
  id: '64',
  name: 'token-resets',
  sentence:
    "A RST with the peer's reset token ends a live flow, whatever version it names. A flow takes a token only from its peer.",
  source: 'RFC 9000 10.3',
  holds: (w, was) =>
    actor(w, was, (f, g) => !isLive(g) || !provesLoss(w, g) || f.connection === CLOSED) &&
    w.flow.every(
      f => f.peerToken === 0 || w.flow.some(g => g.nonce === f.peerNonce && g.token === f.peerToken),
    ),
}

export const restartIsNoticed: Recoverability<FlowWorld> = {
  id: '64',
  name: 'restart-is-noticed',
  sentence: 'An end whose peer has restarted, and which still sends, learns that its flow has ended.',
  source: 'RFC 9293 3.5.1',
  when: w =>
    w.flow.some(
      f =>
        isLive(f) &&
        f.owed !== 0 &&
        w.flow.some(g => g.nonce === f.peerNonce && g.connection === CLOSED && g.localNonce === g.token),
    ),
  goal: w => w.flow.some(f => isFlow(f) && f.connection === CLOSED && f.localNonce === f.nonce),
}
