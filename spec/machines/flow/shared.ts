/** Conditions and transitions that several states of a flow share. */
import { and, not, or } from './guards.ts'
import * as notice from './notices.ts'
import { packets } from './transmit.ts'

export const notify = (n: number) => ({ type: 'notify' as const, params: { notice: n } })

/**
 * A RST needs the peer's nonce (invariant 14): the peer aborts, or has forgotten the flow. After a restart the peer knows only its
 * reset token (RFC 9000, 10.3). This end challenges a RST outside the window (RFC 5961).
 */
export const reset = {
  RST: [
    {
      guard: or([and(['authentic', 'fresh']), 'forgotten']),
      target: 'CLOSED',
      actions: [notify(notice.RESET)],
    },
    { guard: 'authentic', actions: [packets.proof] },
  ],
} as const

/**
 * Both ends have sent their FINs, which follow the acknowledgments of all bytes: nothing can get lost any more. A RST
 * only says that the peer has no flow any more, for example because its TIME-WAIT is over (RFC 9293, 3.10.7.4).
 */
export const lateReset = {
  RST: [{ ...reset.RST[0], actions: [notify(notice.CLOSED)] }, reset.RST[1]],
} as const

export const abort = { ABORT: { target: 'CLOSED', actions: [packets.rst, notify(notice.CLOSED)] } } as const

export const deliver = { DATA: { guard: 'fromFlow', actions: ['deliver'] } } as const

/** Also after our FIN: the transport acknowledges data that the peer still sends. */
export const send = { SEND: { guard: or(['still', 'continues']), actions: [packets.data] } } as const

/** In RESPOND: an unrequested packet to the client is allowed (invariants 53, 60). */
export const maySpeakFirst = and(['hasCredit', not('isClaimed')])

export const mayTryCandidate = or(['hasCredit', 'candidateIsPeer'])

/** Sends our FIN: inside a RSYN while this end moves, inside a RSYN-ACK while only the peer does (invariant 37). */
export const close = (target: 'FINWAIT1' | 'LASTACK') =>
  ({
    CLOSE: [
      { guard: 'still', target, actions: ['finish', packets.fin, 'renew', 'arm'] },
      { guard: 'moving', target, actions: ['finish', packets.rsyn, 'renew', 'arm'] },
      { guard: mayTryCandidate, target, actions: ['finish', 'spendCredit', packets.rsynack, 'renew', 'arm'] },
      { target, actions: ['finish', packets.rsynackToPeer, 'renew', 'arm'] },
    ],
  }) as const

/** While either end moves, the retransmitted packet of the move carries the FIN. */
export const resendFin = {
  TIMEOUT: { guard: and(['still', 'owesControl']), actions: [packets.fin, 'arm'] },
  GIVEUP: {
    guard: and(['still', 'owesControl']),
    target: 'CLOSED',
    actions: [notify(notice.TIMED_OUT)],
  },
} as const

/**
 * The peer repeats its FIN, because our ACK was lost. The FIN has a newer version after a move that the peer gave up
 * unheard.
 */
export const finAgain = and(['authentic', or(['repeated', 'fresh'])])
export const ackedFinAgain = and([finAgain, 'acknowledges'])
export const answerFin = { guard: finAgain, actions: ['consume', packets.answer] } as const

export const freshControl = and(['authentic', 'fresh'])
export const freshFinInside = and([freshControl, 'hasFin'])
export const acked = and(['authentic', 'acknowledges'])

/** A FIN under a newer version inside a RSYN-ACK, after an earlier FIN. */
export const takeFinAgain = { guard: freshFinInside, actions: ['takeFin'] } as const

/** A FIN inside a RSYN-ACK, possibly accepted before: acknowledged each time. */
export const finInAnswer = and([finAgain, 'hasFin'])

/** An ended flow answers with RST, except to a RST (invariants 14, 54). */
export const gone = { actions: [packets.rstGone] } as const
