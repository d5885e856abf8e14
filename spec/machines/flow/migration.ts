/** The moves of a flow, in parallel with its connection: four states, and whatever moves the end, its peer, or both. */
import { definition } from './definition.ts'
import { and, not, or } from './guards.ts'
import * as notice from './notices.ts'
import { acked, finInAnswer, freshControl, mayTryCandidate, notify } from './shared.ts'
import { packets } from './transmit.ts'

/**
 * The answer to this end's RSYN, received at the address that it moves to. Without the challenge that the proof has to
 * return, it would only end the repetition of the RSYN.
 */
const reachedAtNext = and([acked, 'atNextLocal', 'fromReached', 'isChallenged'])

/** The peer's own RSYN answers this end's, while both ends move. */
const crossedAtNext = and(['acknowledges', 'atNextLocal', 'isChallenged'])

/** Keeps the challenge that the proof returns. */
const held = ['hold', 'keep'] as const

/** This end is reached at its next address, by a packet that may carry a challenge, and owes the proof. */
const arrived = ['arrive', ...held, 'oweProof'] as const

/** The peer claims a new address: the end draws a challenge for it. */
const claimed = ['consider', 'challenge'] as const

/** The proof of the peer's new address: sent from there, after its RSYN, by an end that was reached there. */
const answeredFromCandidate = and(['authentic', 'sentAfterVersion', 'fromCandidate', 'echoes'])

const repeatedByCandidate = and(['authentic', 'repeated', 'fromCandidate'])

/** Only an end that has completed the exchange sends a plain ACK or FIN to this end's address. */
const showsProof = and(['owesProof', acked, 'atLocal'])

/**
 * Nothing answers this end's move. Its path still carries data, so the end moves back to where it is: a peer that has heard
 * of the new address, and cannot reach it, learns that the end has stayed.
 */
const goBack = {
  guard: and(['continues', not('isReturning')]),
  actions: ['goBack', packets.rsyn, 'renew', 'arm', notify(notice.MOVE_FAILED)],
} as const

/** The region `migration` of the flow machine. */
export const migration = definition.createStateConfig({
  initial: 'INITIAL',
  states: {
    INITIAL: {
      on: {
        MOVE: { guard: 'live', target: 'RSYN_SENT', actions: ['depart', packets.rsyn, 'renew', 'arm'] },
        RSYN: [
          {
            guard: and([or(['live', and(['responding', 'acknowledges', 'proves'])]), 'authentic', 'fresh']),
            target: 'RSYN_RECV',
            actions: [...claimed, packets.rsynack, 'arm'],
          },
          { guard: and(['live', 'authentic', 'repeated', 'fromPeer']), actions: [packets.rsynackAgain] },
        ],
        RSYNACK: [
          { guard: and(['live', acked, 'fromReached']), actions: [...held, packets.answer] },
          { guard: and(['live', finInAnswer]), actions: [packets.answer] },
        ],
        ACK: { guard: showsProof, actions: ['settleProof'] },
        FIN: { guard: showsProof, actions: ['settleProof'] },
        // A server sends data only after the handshake. Some servers never send a plain ACK.
        DATA: { guard: and(['owesHandshake', 'fromFlow']), actions: ['settleProof'] },
        TIMEOUT: [
          { guard: 'owesHandshake', actions: [packets.handshakeAgain, 'arm'] },
          { guard: 'owesProof', actions: [packets.proof, 'arm'] },
        ],
        GIVEUP: { guard: 'owesProof', actions: ['dropProof'] },
      },
    },
    RSYN_SENT: {
      always: { guard: 'over', target: 'INITIAL', actions: ['stay'] },
      on: {
        MOVE: { actions: ['depart', packets.rsyn, 'renew', 'arm'] },
        RSYNACK: [
          {
            guard: reachedAtNext,
            target: 'INITIAL',
            actions: [...arrived, 'settleMove', packets.answer, 'arm', notify(notice.MOVED)],
          },
          { guard: finInAnswer, actions: [packets.answer] },
        ],
        RSYN: [
          {
            guard: and([freshControl, crossedAtNext]),
            target: 'RSYN_RECV',
            actions: [...arrived, ...claimed, packets.rsynack, 'arm', notify(notice.MOVED)],
          },
          {
            guard: freshControl,
            target: 'RSYN_SENT_RECV',
            actions: [...claimed, packets.rsynToCandidate, 'arm'],
          },
          { guard: and(['authentic', 'repeated', 'fromPeer']), actions: [packets.rsynackAgain] },
        ],
        TIMEOUT: { actions: [packets.rsyn, 'arm'] },
        GIVEUP: [
          goBack,
          {
            target: 'INITIAL',
            actions: ['stay', 'settleMove', 'renew', 'arm', notify(notice.MOVE_FAILED)],
          },
        ],
      },
    },
    RSYN_RECV: {
      always: { guard: 'over', target: 'INITIAL', actions: ['forgetCandidate'] },
      on: {
        ACK: [
          // The ends moved one shortly after the other: the packet completes both moves.
          {
            guard: and([answeredFromCandidate, showsProof]),
            target: 'INITIAL',
            actions: ['adoptPeer', 'settleMove', packets.answer, 'settleProof', notify(notice.PEER_MOVED)],
          },
          {
            guard: answeredFromCandidate,
            target: 'INITIAL',
            actions: ['adoptPeer', 'settleMove', packets.answer, notify(notice.PEER_MOVED)],
          },
          { guard: showsProof, actions: ['settleProof'] },
        ],
        FIN: [
          {
            guard: and([answeredFromCandidate, showsProof]),
            target: 'INITIAL',
            actions: ['adoptPeer', 'settleMove', 'settleProof', notify(notice.PEER_MOVED)],
          },
          {
            guard: answeredFromCandidate,
            target: 'INITIAL',
            actions: ['adoptPeer', 'settleMove', notify(notice.PEER_MOVED)],
          },
        ],
        // The peer validates this end as well: its question is also an answer.
        RSYNACK: [
          {
            guard: and([answeredFromCandidate, 'acknowledges']),
            target: 'INITIAL',
            actions: [
              'adoptPeer',
              ...held,
              'settleMove',
              'oweProof',
              packets.answer,
              'arm',
              notify(notice.PEER_MOVED),
            ],
          },
          { guard: finInAnswer, actions: [packets.answer] },
        ],
        RSYN: [
          { guard: freshControl, actions: [...claimed, packets.rsynack, 'arm'] },
          { guard: repeatedByCandidate, actions: ['renewCredit', packets.rsynack] },
        ],
        MOVE: { target: 'RSYN_SENT_RECV', actions: ['depart', packets.rsyn, 'renew', 'arm'] },
        TIMEOUT: [
          { guard: mayTryCandidate, actions: ['spendCredit', packets.rsynack, 'arm'] },
          { actions: [packets.rsynackToPeer, 'arm'] },
        ],
        GIVEUP: {
          target: 'INITIAL',
          actions: ['forgetCandidate', 'settleMove', 'renew', 'arm', notify(notice.PEER_MOVE_FAILED)],
        },
      },
    },
    // Both ends move. The own RSYN, sent to the address that the peer claims, also acknowledges the peer's.
    RSYN_SENT_RECV: {
      always: { guard: 'over', target: 'INITIAL', actions: ['stay', 'forgetCandidate'] },
      on: {
        RSYNACK: [
          {
            guard: and([reachedAtNext, answeredFromCandidate]),
            target: 'INITIAL',
            actions: [
              ...arrived,
              'adoptPeer',
              'settleMove',
              packets.answer,
              'arm',
              notify(notice.MOVED),
              notify(notice.PEER_MOVED),
            ],
          },
          {
            guard: reachedAtNext,
            target: 'RSYN_RECV',
            actions: [...arrived, packets.rsynack, 'arm', notify(notice.MOVED)],
          },
          {
            guard: answeredFromCandidate,
            target: 'RSYN_SENT',
            actions: ['adoptPeer', packets.rsyn, 'arm', notify(notice.PEER_MOVED)],
          },
          { guard: finInAnswer, actions: [packets.answer] },
        ],
        RSYN: [
          {
            guard: and([freshControl, crossedAtNext]),
            target: 'RSYN_RECV',
            actions: [...arrived, ...claimed, packets.rsynack, 'arm', notify(notice.MOVED)],
          },
          { guard: freshControl, actions: [...claimed, packets.rsynToCandidate, 'arm'] },
          {
            guard: and([repeatedByCandidate, crossedAtNext]),
            target: 'RSYN_RECV',
            actions: [...arrived, 'renewCredit', packets.rsynack, 'arm', notify(notice.MOVED)],
          },
          { guard: repeatedByCandidate, actions: ['renewCredit', packets.rsynToCandidate] },
        ],
        ACK: {
          guard: answeredFromCandidate,
          target: 'RSYN_SENT',
          actions: ['adoptPeer', packets.answer, packets.rsyn, 'arm', notify(notice.PEER_MOVED)],
        },
        FIN: {
          guard: answeredFromCandidate,
          target: 'RSYN_SENT',
          actions: ['adoptPeer', packets.rsyn, 'arm', notify(notice.PEER_MOVED)],
        },
        MOVE: { actions: ['depart', packets.rsyn, 'renew', 'arm'] },
        TIMEOUT: [
          { guard: mayTryCandidate, actions: ['spendCredit', packets.rsynToCandidate, 'arm'] },
          { actions: [packets.rsyn, 'arm'] },
        ],
        GIVEUP: [
          goBack,
          {
            target: 'INITIAL',
            actions: [
              'stay',
              'forgetCandidate',
              'settleMove',
              'renew',
              'arm',
              notify(notice.MOVE_FAILED),
              notify(notice.PEER_MOVE_FAILED),
            ],
          },
        ],
      },
    },
  },
})
