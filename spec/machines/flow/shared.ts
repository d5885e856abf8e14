/** Conditions and transitions that several states of a flow share. */
import { and, not, or } from './guards.ts'
import * as notice from './notices.ts'
import { packets } from './transmit.ts'

export const notify = (n: number) => ({ type: 'notify' as const, params: { notice: n } })

/** A peer that aborts, or that has forgotten the flow; a RST out of the window is questioned (RFC 5961). */
export const reset = {
  RST: [
    { guard: and(['authentic', 'fresh']), target: 'CLOSED', actions: [notify(notice.RESET)] },
    { guard: 'authentic', actions: [packets.proof] },
  ],
} as const

export const abort = { ABORT: { target: 'CLOSED', actions: [packets.rst, notify(notice.CLOSED)] } } as const

export const deliver = { DATA: { guard: 'fromFlow', actions: ['deliver'] } } as const

/** Also after our FIN: the transport acknowledges what the peer, which is not done yet, still sends. */
export const send = { SEND: { guard: 'still', actions: [packets.data] } } as const

/** In RESPOND: what no packet of the client asks for may go to it all the same (invariants 53, 60). */
export const maySpeakFirst = and(['hasCredit', not('isClaimed')])

export const mayTryCandidate = or(['hasCredit', 'candidateIsPeer'])

/** Our FIN goes out: inside a RSYN while this end moves, inside a RSYN-ACK while only the peer does (invariant 37). */
export const close = (target: 'FINWAIT1' | 'LASTACK') =>
  ({
    CLOSE: [
      { guard: 'still', target, actions: ['finish', packets.fin, 'arm'] },
      { guard: 'moving', target, actions: ['finish', packets.rsyn, 'arm'] },
      { guard: mayTryCandidate, target, actions: ['finish', 'spendCredit', packets.rsynack, 'arm'] },
      { target, actions: ['finish', packets.rsynackToPeer, 'arm'] },
    ],
  }) as const

/** While either end moves, the packet that is repeated for the move carries the FIN. */
export const resendFin = {
  TIMEOUT: { guard: and(['still', 'owesControl']), actions: [packets.fin, 'arm'] },
  GIVEUP: {
    guard: and(['still', 'owesControl']),
    target: 'CLOSED',
    actions: [notify(notice.TIMED_OUT)],
  },
} as const

/** The peer's FIN again: our ACK was lost. Of a newer version after a move that the peer gave up before it was heard of. */
export const finAgain = and(['authentic', or(['repeated', 'fresh'])])
export const ackedFinAgain = and([finAgain, 'acknowledges'])
export const answerFin = { guard: finAgain, actions: ['consume', packets.answer] } as const

export const freshControl = and(['authentic', 'fresh'])
export const freshFinInside = and([freshControl, 'hasFin'])
export const acked = and(['authentic', 'acknowledges'])

/** A FIN under a newer version inside a RSYN-ACK, where one was taken before. */
export const takeFinAgain = { guard: freshFinInside, actions: ['takeFin'] } as const

/** A FIN inside a RSYN-ACK, also one that was taken before: it is acknowledged each time. */
export const finInAnswer = and([finAgain, 'hasFin'])

/** The answer to this end's RSYN, at the address that it moves to. */
export const reachedAtNext = and([acked, 'atNextLocal'])

/** The proof of the peer's new address: sent from there, after its RSYN, by an end that has been reached there. */
export const answeredFromCandidate = and(['authentic', 'sentAfterVersion', 'fromCandidate'])

export const repeatedByCandidate = and(['authentic', 'repeated', 'fromCandidate'])

/** Only an end that has completed the exchange sends a plain ACK or FIN to this end's address. */
export const showsProof = and(['owesProof', acked, 'atLocal'])

/** A flow that is gone says so, except to a RST (invariants 14, 54). */
export const gone = { actions: [packets.rstGone] } as const
