/**
 * The whole life of a SAL flow: twelve connection states in parallel with four migration states. This definition is
 * drawn, explored, fuzzed and run; nothing else decides what a flow does.
 *
 * docs/protocol.md lists the invariants (numbers) and defects (D1...) cited here.
 */
import { assign, setup } from 'xstate'
import { assigns } from './assigns.ts'
import { flowEffects } from './effects.ts'
import type { AnyFlowEvent, Received } from './events.ts'
import { and, guards, not, or } from './guards.ts'
import * as notice from './notices.ts'
import { initialRegisters, type Registers } from './registers.ts'
import {
  abort,
  acked,
  ackedFinAgain,
  answeredFromCandidate,
  answerFin,
  arrived,
  claimed,
  close,
  crossedAtNext,
  deliver,
  finAgain,
  finInAnswer,
  freshControl,
  freshFinInside,
  gone,
  held,
  lateReset,
  maySpeakFirst,
  mayTryCandidate,
  notify,
  reachedAtNext,
  repeatedByCandidate,
  resendFin,
  reset,
  send,
  showsProof,
  takeFinAgain,
} from './shared.ts'
import { packets } from './transmit.ts'

type Assigns = {
  [K in keyof typeof assigns]: ReturnType<
    typeof assign<Registers, AnyFlowEvent, undefined, AnyFlowEvent, never>
  >
}

const assignActions = Object.fromEntries(
  Object.entries(assigns).map(([name, assignment]) => [name, assign(assignment)]),
) as unknown as Assigns

const definition = setup({
  types: { context: {} as Registers, events: {} as AnyFlowEvent },
  guards: guards as unknown as Record<
    keyof typeof guards,
    (args: { context: Registers; event: AnyFlowEvent }) => boolean
  >,
  actions: { ...assignActions, ...flowEffects },
})

const received = ({ event }: { event: AnyFlowEvent }): Received => event
const offerSyn = { type: 'offerSyn', params: received } as const
const offerAck = { type: 'offerAck', params: received } as const

/** The machine of a flow. */
export const flowMachine = definition.createMachine({
  id: 'flow',
  type: 'parallel',
  context: initialRegisters,
  states: {
    connection: {
      initial: 'INIT',
      states: {
        INIT: {
          on: {
            LISTEN: { target: 'LISTEN' },
            CONNECT: { target: 'REQUEST', actions: ['open', packets.syn, 'arm'] },
            ACCEPT: { target: 'RESPOND', actions: ['admit', packets.synack, 'arm'] },
            // A listener answered the SYN statelessly: the client's ACK creates the flow.
            CONFIRM: { target: 'CONNECTED', actions: ['establish', packets.answer, notify(notice.ACCEPTED)] },
          },
        },
        LISTEN: {
          on: {
            SYN: { actions: [offerSyn] },
            ACK: { actions: [offerAck] },
            CLOSE: { target: 'CLOSED' },
          },
        },
        REQUEST: {
          on: {
            SYNACK: {
              guard: 'acknowledges',
              target: 'CONNECTED',
              actions: ['readSynAck', 'bind', packets.handshakeAck, 'arm', notify(notice.CONNECTED)],
            },
            RST: { guard: 'refusesThis', target: 'CLOSED', actions: [notify(notice.REFUSED)] },
            CLOSE: { target: 'CLOSED' },
            ABORT: { target: 'CLOSED' },
            TIMEOUT: { actions: [packets.syn, 'arm'] },
            GIVEUP: { target: 'CLOSED', actions: [notify(notice.TIMED_OUT)] },
          },
        },
        RESPOND: {
          on: {
            // Each copy of the SYN pays for its own answer.
            SYN: { guard: 'sameHandshake', actions: [packets.synack] },
            ACK: {
              guard: acked,
              target: 'CONNECTED',
              actions: ['readAck', 'settleControl', 'learnToken', packets.answer, notify(notice.ACCEPTED)],
            },
            // If the client's ACK is lost, its next packets confirm as well (D9).
            DATA: {
              guard: 'fromFlow',
              target: 'CONNECTED',
              actions: ['settleControl', packets.proof, notify(notice.ACCEPTED), 'deliver'],
            },
            FIN: {
              guard: and([acked, 'fresh']),
              target: 'CLOSEWAIT',
              actions: [
                'readAck',
                'settleControl',
                'consume',
                packets.answer,
                notify(notice.ACCEPTED),
                notify(notice.PEER_CLOSED),
              ],
            },
            RSYN: [
              {
                guard: and([acked, 'fresh', 'hasFin']),
                target: 'CLOSEWAIT',
                actions: ['readAck', 'settleControl', notify(notice.ACCEPTED), notify(notice.PEER_CLOSED)],
              },
              {
                guard: and([acked, 'fresh']),
                target: 'CONNECTED',
                actions: ['readAck', 'settleControl', notify(notice.ACCEPTED)],
              },
            ],
            RST: {
              guard: or([and(['authentic', 'fresh']), 'refusesThis']),
              target: 'CLOSED',
              actions: [notify(notice.RESET)],
            },
            // No application owns this flow yet: a closing listener ends it.
            CLOSE: [{ guard: maySpeakFirst, target: 'CLOSED', actions: [packets.rst] }, { target: 'CLOSED' }],
            TIMEOUT: [
              { guard: maySpeakFirst, actions: ['spendCredit', packets.synack, 'arm'] },
              // A client whose SYN-ACK is lost repeats its SYN.
              { guard: 'hasCredit', actions: ['spendCredit', 'arm'] },
              // The client may not exist: frees the place for the next SYN.
              { target: 'CLOSED', actions: [notify(notice.TIMED_OUT)] },
            ],
            GIVEUP: { target: 'CLOSED', actions: [notify(notice.TIMED_OUT)] },
          },
        },
        CONNECTED: {
          on: {
            // The server repeats its answer: our ACK was lost. From the address to which the server moves back, the
            // answer is a late copy, and an ACK would mean that the move is proved (invariant 17). Another server's
            // answer is refused: only the first one gets the flow (D15).
            SYNACK: [
              { guard: and(['authentic', not('fromCandidate')]), actions: [packets.handshakeAck] },
              { guard: not('authentic'), actions: [packets.rstRefused] },
            ],
            FIN: {
              guard: freshControl,
              target: 'CLOSEWAIT',
              actions: ['consume', packets.answer, notify(notice.PEER_CLOSED)],
            },
            RSYN: { guard: freshFinInside, target: 'CLOSEWAIT', actions: [notify(notice.PEER_CLOSED)] },
            RSYNACK: {
              guard: freshFinInside,
              target: 'CLOSEWAIT',
              actions: ['takeFin', notify(notice.PEER_CLOSED)],
            },
            ...close('FINWAIT1'),
            ...send,
            ...deliver,
            ...reset,
            ...abort,
          },
        },
        FINWAIT1: {
          on: {
            ACK: { guard: acked, target: 'FINWAIT2', actions: ['settleControl', 'linger'] },
            RSYNACK: [
              {
                guard: and([freshFinInside, 'acknowledges']),
                target: 'TIMEWAIT',
                actions: ['takeFin', notify(notice.PEER_CLOSED)],
              },
              {
                guard: freshFinInside,
                target: 'CLOSING',
                actions: ['takeFin', notify(notice.PEER_CLOSED)],
              },
              { guard: acked, target: 'FINWAIT2', actions: ['settleControl', 'linger'] },
            ],
            FIN: [
              {
                guard: and([freshControl, 'acknowledges']),
                target: 'TIMEWAIT',
                actions: ['consume', packets.answer, notify(notice.PEER_CLOSED)],
              },
              {
                guard: freshControl,
                target: 'CLOSING',
                actions: ['consume', packets.answer, notify(notice.PEER_CLOSED)],
              },
            ],
            RSYN: [
              {
                guard: and([freshFinInside, 'acknowledges']),
                target: 'TIMEWAIT',
                actions: ['consume', packets.answer, notify(notice.PEER_CLOSED)],
              },
              { guard: freshFinInside, target: 'CLOSING', actions: [notify(notice.PEER_CLOSED)] },
              { guard: acked, target: 'FINWAIT2', actions: ['settleControl', 'linger'] },
            ],
            ...resendFin,
            ...send,
            ...deliver,
            ...reset,
            ...abort,
          },
        },
        // The peer may send for hours. After a minute of silence this end sends its FIN to ask whether the peer is
        // alive.
        FINWAIT2: {
          on: {
            ACK: { guard: acked, actions: ['settleControl', 'linger'] },
            FIN: {
              guard: freshControl,
              target: 'TIMEWAIT',
              actions: ['consume', packets.answer, notify(notice.PEER_CLOSED)],
            },
            RSYN: [
              {
                guard: freshFinInside,
                target: 'TIMEWAIT',
                actions: ['consume', packets.answer, notify(notice.PEER_CLOSED)],
              },
              { guard: acked, actions: ['settleControl', 'linger'] },
            ],
            RSYNACK: [
              {
                guard: freshFinInside,
                target: 'TIMEWAIT',
                actions: ['takeFin', notify(notice.PEER_CLOSED)],
              },
              { guard: acked, actions: ['settleControl', 'linger'] },
            ],
            DATA: { guard: 'fromFlow', actions: ['settleControl', 'deliver', 'linger'] },
            EXPIRE: [
              { guard: 'owesNothing', actions: ['doubt', packets.fin, 'arm'] },
              { actions: ['linger'] },
            ],
            ...resendFin,
            ...send,
            ...reset,
            ...abort,
          },
        },
        CLOSING: {
          on: {
            ACK: { guard: acked, target: 'TIMEWAIT' },
            RSYNACK: [{ guard: acked, target: 'TIMEWAIT', actions: ['takeFin'] }, takeFinAgain],
            RSYN: { guard: acked, target: 'TIMEWAIT' },
            FIN: [
              { guard: ackedFinAgain, target: 'TIMEWAIT', actions: ['consume', packets.answer] },
              answerFin,
            ],
            ...resendFin,
            ...lateReset,
            ...abort,
          },
        },
        CLOSEWAIT: {
          on: {
            FIN: answerFin,
            RSYNACK: takeFinAgain,
            ...close('LASTACK'),
            ...send,
            ...deliver,
            ...reset,
            ...abort,
          },
        },
        LASTACK: {
          on: {
            ACK: { guard: acked, target: 'CLOSED', actions: [notify(notice.CLOSED)] },
            RSYNACK: [
              { guard: acked, target: 'CLOSED', actions: ['takeFin', notify(notice.CLOSED)] },
              takeFinAgain,
            ],
            RSYN: { guard: acked, target: 'CLOSED', actions: [notify(notice.CLOSED)] },
            FIN: [
              {
                guard: ackedFinAgain,
                target: 'CLOSED',
                actions: ['consume', packets.answer, notify(notice.CLOSED)],
              },
              answerFin,
            ],
            ...resendFin,
            ...lateReset,
            ...abort,
          },
        },
        TIMEWAIT: {
          entry: ['rest', 'linger'],
          on: {
            // A peer that has moved sends its FIN inside a RSYN: acknowledged, but not followed (invariant 40).
            FIN: { guard: finAgain, actions: ['consume', packets.answerBack, 'linger'] },
            RSYN: [
              { guard: freshFinInside, actions: ['consume', packets.answerBack, 'linger'] },
              { guard: and(['authentic', 'repeated', 'hasFin']), actions: [packets.answerBack, 'linger'] },
            ],
            RSYNACK: { guard: finInAnswer, actions: ['consume', packets.answerBack, 'linger'] },
            EXPIRE: { target: 'CLOSED', actions: [notify(notice.CLOSED)] },
          },
        },
        CLOSED: {
          entry: ['clear'],
          on: {
            SYN: { actions: [packets.rstRefused] },
            SYNACK: { actions: [packets.rstRefused] },
            ACK: gone,
            RSYN: gone,
            RSYNACK: gone,
            FIN: gone,
            DATA: gone,
          },
        },
      },
    },
    migration: {
      initial: 'INITIAL',
      states: {
        INITIAL: {
          on: {
            MOVE: { guard: 'live', target: 'RSYN_SENT', actions: ['depart', packets.rsyn, 'renew', 'arm'] },
            RSYN: [
              {
                guard: and([or(['live', and(['responding', 'acknowledges'])]), 'authentic', 'fresh']),
                target: 'RSYN_RECV',
                actions: [...claimed, packets.rsynack, 'arm'],
              },
              { guard: and(['live', 'authentic', 'repeated', 'fromPeer']), actions: [packets.rsynackAgain] },
            ],
            RSYNACK: [
              { guard: and(['live', acked]), actions: [...held, packets.answer] },
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
            GIVEUP: { guard: 'owesProof', actions: ['settleProof'] },
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
            GIVEUP: {
              target: 'INITIAL',
              actions: ['stay', 'settleMove', 'renew', 'arm', notify(notice.MOVE_FAILED)],
            },
          },
        },
        RSYN_RECV: {
          always: { guard: 'over', target: 'INITIAL', actions: ['forgetCandidate'] },
          on: {
            ACK: [
              {
                guard: answeredFromCandidate,
                target: 'INITIAL',
                actions: ['adoptPeer', 'settleMove', packets.answer, notify(notice.PEER_MOVED)],
              },
              { guard: showsProof, actions: ['settleProof'] },
            ],
            FIN: {
              guard: answeredFromCandidate,
              target: 'INITIAL',
              actions: ['adoptPeer', 'settleMove', notify(notice.PEER_MOVED)],
            },
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
            GIVEUP: {
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
          },
        },
      },
    },
  },
})
