/** Addresses that SOURCE names and nothing else: anybody can write anybody's address there. */
import { at } from '../../../../checker/text/at.ts'
import { SYN } from '../../../machines/flow/packets.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Recoverability, Safety } from '../../invariant.ts'
import { type FlowWorld, ROLE } from '../state.ts'
import { actor, isLive, noLateAnswer, SIZE, somePair } from '../terms.ts'

const { INIT, REQUEST, RESPOND, CONNECTED } = CONNECTION

export const claimedOriginAnswers: Safety<FlowWorld> = {
  id: '60',
  name: 'claimed-origin-answers',
  sentence:
    'Until its handshake is confirmed, an address that only SOURCE names gets one answer for each SYN that names it, no larger than that SYN, and nothing else.',
  source: 'RFC 9000 8.1',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        f.role !== ROLE.CHILD ||
        (g.connection !== INIT && g.connection !== RESPOND) ||
        isLive(f) ||
        w.did.sent === 0 ||
        (w.did.kind === SYN &&
          w.did.sent === 1 &&
          w.did.sentTo === w.did.from &&
          at(SIZE, w.did.sentKind) <= at(SIZE, SYN)),
    ),
}

export const connectsThroughRouter: Recoverability<FlowWorld> = {
  id: '60',
  name: 'connects-through-router',
  sentence:
    'While a listener serves and has room, a client behind a router gets its flow, although only its own SYNs bring it a SYN-ACK. The exception is a SYN-ACK under way that has outlived its flow.',
  source: 'RFC 9293 3.10.1',
  when: w =>
    w.listener.listener === 0 &&
    noLateAnswer(w) &&
    w.flow.some(
      f =>
        f.role === ROLE.CLIENT &&
        f.connection === REQUEST &&
        w.flow.some(
          g =>
            g.role === ROLE.CHILD &&
            (g.connection === INIT || (g.connection === RESPOND && g.peerNonce === f.nonce)),
        ),
    ),
  goal: w => somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED && f.owed === 0),
}
