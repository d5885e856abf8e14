/** Connections: who is connected with whom, and under which names. */
import { at } from '../../../../checker/text/at.ts'
import { ACK, SYN, SYNACK } from '../../../machines/flow/packets.ts'
import { OWES_HANDSHAKE } from '../../../machines/flow/registers.ts'
import { next, notBefore } from '../../../machines/flow/serial.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Safety } from '../../invariant.ts'
import { ACTED, type FlowWorld, ROLE } from '../state.ts'
import { actor, changed, isFlow, isLive, isPending, isThere } from '../terms.ts'

const { INIT, LISTEN, REQUEST, RESPOND, CONNECTED, TIMEWAIT, CLOSED } = CONNECTION

export const mirroredEnds: Safety<FlowWorld> = {
  id: '1',
  name: 'mirrored-ends',
  sentence:
    'An end from CONNECTED on, until its flow is over, has a peer with the mirrored flowIDs, nonces and versions, as long as that peer exists.',
  source: 'RFC 9293 3.5',
  holds: w =>
    w.flow.every(
      f =>
        !isLive(f) ||
        w.flow.every(
          g =>
            g.host === f.host ||
            !isThere(g) ||
            g.localFlow !== f.peerFlow ||
            g.localNonce !== f.peerNonce ||
            (g.peerFlow === f.localFlow &&
              g.peerNonce === f.localNonce &&
              notBefore(g.sndNxt, f.rcvNxt, f.space) &&
              notBefore(f.sndNxt, g.rcvNxt, f.space)),
        ),
    ),
}

export const oneChildPerSyn: Safety<FlowWorld> = {
  id: '3b',
  name: 'one-child-per-syn',
  sentence:
    'A SYN (peer address, flowID, nonce and verno) has at most one child. A repetition of that SYN, and no other SYN, gets the same SYN-ACK, until the flow only waits for its end.',
  source: 'defect D8',
  holds: (w, was) =>
    w.flow.every((f, i) =>
      w.flow.every(
        (g, j) =>
          i >= j ||
          f.role !== ROLE.CHILD ||
          g.role !== ROLE.CHILD ||
          f.host !== g.host ||
          !isThere(f) ||
          !isThere(g) ||
          f.peerFlow !== g.peerFlow ||
          f.peerNonce !== g.peerNonce,
      ),
    ) &&
    actor(
      w,
      was,
      (_f, g) =>
        w.did.kind !== SYN ||
        g.connection !== RESPOND ||
        (w.did.srcFlow !== g.peerFlow || w.did.nonce !== g.peerNonce
          ? w.did.sentKind !== SYNACK
          : w.did.from !== g.peer ||
            next(w.did.verno, g.space) !== g.rcvNxt ||
            (w.did.sentKind === SYNACK &&
              next(w.did.sentVerno, g.space) === g.sndNxt &&
              w.did.sentTo === g.peer)),
    ),
}

export const statelessOnce: Safety<FlowWorld> = {
  id: '3',
  name: 'stateless-once',
  sentence:
    'The ACK of a stateless SYN-ACK makes one flow, once, while the answer is valid. No other ACK makes a flow. A SYN that is answered without state gets one SYN-ACK and changes nothing.',
  source: 'RFC 4987 3.6',
  holds: (w, was) =>
    (w.did.confirmed === 0 || w.did.again === 0) &&
    w.flow.every(
      (f, i) =>
        f.answers === 0 ||
        at(was.flow, i).connection !== INIT ||
        f.connection === INIT ||
        (w.did.confirmed === 1 && f.epoch + 1 >= w.epoch && f.peerNonce === f.answers),
    ) &&
    (w.did.answered === 0 || (w.did.sent <= 1 && w.flow.every((f, i) => !changed(f, at(was.flow, i))))),
}

export const boundedQueues: Safety<FlowWorld> = {
  id: '4',
  name: 'bounded-queues',
  sentence:
    'An open listener counts its pending handshakes correctly. Pending and waiting flows stay within their limits. A closed listener accepts nothing.',
  source: 'RFC 4987',
  holds: w =>
    w.hasListener === 0 ||
    (w.listener.pending <= w.listener.backlog &&
      w.listener.pending + w.listener.ready <= w.listener.queue &&
      // A model's slots are used once: when none is left, a SYN is counted that becomes no flow.
      (w.listener.listener === 1 ||
        w.flow.every(f => f.role !== ROLE.CHILD || f.answers !== 0 || f.connection !== INIT) ||
        (w.listener.pending > 0 === w.flow.some(f => isPending(f)) &&
          w.listener.pending > 1 ===
            w.flow.some((f, i) => w.flow.some((g, j) => i < j && isPending(f) && isPending(g))))) &&
      w.flow.every(
        f =>
          f.role !== ROLE.LISTENER ||
          f.connection === INIT ||
          (f.connection === LISTEN) === (w.listener.listener === 0),
      )),
}

export const uniqueFlowids: Safety<FlowWorld> = {
  id: '8',
  name: 'unique-flowids',
  sentence: "A local flowID is unique among a host's live and TIME-WAIT flows.",
  source: 'RFC 9293 3.4.1',
  holds: w =>
    w.flow.every((f, i) =>
      w.flow.every(
        (g, j) => i >= j || f.host !== g.host || !isThere(f) || !isThere(g) || f.localFlow !== g.localFlow,
      ),
    ),
}

export const noEarlyReuse: Safety<FlowWorld> = {
  id: '9',
  name: 'no-early-reuse',
  sentence: 'A host does not reuse a flowID during TIME-WAIT.',
  source: 'RFC 9293 3.6.1',
  holds: (w, was) =>
    w.flow.every((f, i) =>
      w.flow.every(
        (g, j) =>
          i === j ||
          f.host !== g.host ||
          !isFlow(f) ||
          !isFlow(g) ||
          at(was.flow, i).connection !== INIT ||
          f.connection === INIT ||
          g.connection !== TIMEWAIT ||
          f.localFlow !== g.localFlow,
      ),
    ),
}

export const fixedIdentifiers: Safety<FlowWorld> = {
  id: '11',
  name: 'fixed-identifiers',
  sentence: "A flow's own and its peer's flowIDs and nonces, once known, stay the same for the flow's life.",
  source: 'RFC 9293 3.4.1, RFC 6056',
  holds: (w, was) =>
    w.flow.every((f, i) => {
      const g = at(was.flow, i)
      return (
        !isFlow(f) ||
        g.connection === INIT ||
        f.connection === INIT ||
        w.did.restarted === f.nonce ||
        (f.localFlow === g.localFlow &&
          f.localNonce === g.localNonce &&
          (f.connection === CLOSED ||
            g.peerFlow === 0 ||
            (f.peerFlow === g.peerFlow && f.peerNonce === g.peerNonce)))
      )
    }),
}

export const firstInstanceWins: Safety<FlowWorld> = {
  id: '44',
  name: 'first-instance-wins',
  sentence:
    'A client is bound to the instance that answered first, and no other instance gets a live flow with it. The client acknowledges the same answer again, unless it comes from the address that the peer moves to. It answers another instance with a RST.',
  source: 'Serval paper 3, defect D15',
  holds: (w, was) =>
    actor(
      w,
      was,
      (_f, g) =>
        g.connection !== CONNECTED ||
        w.did.kind !== SYNACK ||
        (w.did.nonce === g.peerNonce
          ? (w.did.sentKind === ACK) === (w.did.from !== g.nextPeer)
          : w.did.sentRst === 1),
    ) &&
    w.flow.every(f =>
      w.flow.every(
        g =>
          f.role !== ROLE.CLIENT ||
          g.role !== ROLE.CHILD ||
          !isLive(f) ||
          !isLive(g) ||
          g.peerNonce !== f.localNonce ||
          (f.peerFlow === g.localFlow && f.peerNonce === g.localNonce),
      ),
    ),
}

export const instanceAddress: Safety<FlowWorld> = {
  id: '45',
  name: 'instance-address',
  sentence: 'A connection has the address, flowID and nonce of the instance that answered.',
  source: 'Serval paper 3.2',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        g.connection !== REQUEST ||
        f.connection !== CONNECTED ||
        (w.did.kind === SYNACK &&
          f.peer === w.did.from &&
          f.peerFlow === w.did.srcFlow &&
          f.peerNonce === w.did.nonce),
    ),
}

export const repeatedFirstAck: Safety<FlowWorld> = {
  id: '58',
  name: 'repeated-first-ack',
  sentence:
    'The client repeats the ACK that completes the handshake in its first form, which names the service, until data from the server shows that it has arrived.',
  source: 'live run with the prototype',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        (g.owed & OWES_HANDSHAKE) === 0 ||
        ((w.did.event !== ACTED.TIMEOUT || (w.did.sentKind === ACK && w.did.sentService === 1)) &&
          (w.did.delivered === 0 || (f.owed & OWES_HANDSHAKE) === 0)),
    ),
}
