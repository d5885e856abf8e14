/**
 * The whole life of a SAL flow: twelve connection states in parallel with the region of its moves. This definition is
 * drawn, explored, fuzzed and run; nothing else decides what a flow does.
 *
 * docs/invariants.md lists the invariants (numbers) cited here, and docs/protocol.md the defects (D1...).
 */
import { definition } from './definition.ts'
import type { AnyFlowEvent, Received } from './events.ts'
import { and, not, or } from './guards.ts'
import { migration } from './migration.ts'
import * as notice from './notices.ts'
import { initialRegisters } from './registers.ts'
import {
  abort,
  acked,
  ackedFinAgain,
  answerFin,
  close,
  deliver,
  finAgain,
  finInAnswer,
  freshControl,
  freshFinInside,
  gone,
  lateReset,
  maySpeakFirst,
  notify,
  resendFin,
  reset,
  send,
  takeFinAgain,
} from './shared.ts'
import { packets } from './transmit.ts'

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
              guard: and(['acknowledges', 'proves']),
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
              guard: and([acked, 'proves']),
              target: 'CONNECTED',
              actions: ['readAck', 'settleControl', 'learnToken', packets.answer, notify(notice.ACCEPTED)],
            },
            // If the client's ACK is lost, its next packets confirm as well (D9). Data proves no keys.
            DATA: {
              guard: and(['fromFlow', not('joins')]),
              target: 'CONNECTED',
              actions: ['settleControl', packets.proof, notify(notice.ACCEPTED), 'deliver'],
            },
            FIN: {
              guard: and([acked, 'fresh', 'proves']),
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
                guard: and([acked, 'fresh', 'proves', 'hasFin']),
                target: 'CLOSEWAIT',
                actions: ['readAck', 'settleControl', notify(notice.ACCEPTED), notify(notice.PEER_CLOSED)],
              },
              {
                guard: and([acked, 'fresh', 'proves']),
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
            // A joiner repeats its proof: our answer was lost. While it moves, an ACK would mean that the move is proved.
            ACK: { guard: and(['still', 'provesAgain']), actions: [packets.proof] },
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
              { guard: 'owesNothing', actions: ['doubt', packets.fin, 'arm', 'linger'] },
              // An end that moves again and again must ask too.
              {
                guard: and(['moving', not('owesControl')]),
                actions: ['doubt', packets.rsyn, 'arm', 'linger'],
              },
              { actions: ['linger'] },
            ],
            // Each move gets all its tries, so the tries of a question never end while this end moves again and again.
            DEAD: { guard: 'owesControl', target: 'CLOSED', actions: [notify(notice.TIMED_OUT)] },
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
    migration,
  },
})
