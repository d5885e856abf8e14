/** What two ends deliver to each other, where a model has a transport that repeats what is missing. */
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Recoverability, Safety } from '../../invariant.ts'
import type { Flow, FlowWorld } from '../state.ts'
import { actor, hasSentFin, hasTakenFin, isFinAcknowledged, isLive, somePair } from '../terms.ts'

const { INIT, CLOSED } = CONNECTION

/** Whether the other end has everything that this one has sent. */
export const hasDelivered = (w: FlowWorld, f: Flow): boolean =>
  w.flow.every(g => g.nonce === f.nonce || g.got === f.sent)

/** The transport has delivered all that is written: then SAL may close, whether or not the peer is done. */
export const hasFinished = (w: FlowWorld, f: Flow): boolean =>
  f.connection === INIT || (f.sent === f.maySend && hasDelivered(w, f))

export const noByteLost: Safety = {
  id: '59',
  sentence:
    'No byte is lost in either direction, whichever end closes first and whichever moves: once one FIN has arrived, no end is over before both have closed and delivered everything.',
  source: 'RFC 9293 3.6',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !(isFinAcknowledged(g) || hasTakenFin(g)) ||
        f.connection !== CLOSED ||
        w.flow.every(h => (hasSentFin(h) || h.connection === CLOSED) && hasDelivered(w, h)),
    ),
}

export const everythingArrives: Recoverability = {
  id: '59',
  sentence: 'What either end has sent arrives, also when the other has closed and either one moves.',
  source: 'RFC 9293 3.6',
  when: w => somePair(w, (f, g) => isLive(f) && isLive(g) && !(hasDelivered(w, f) && hasDelivered(w, g))),
  goal: w => w.flow.every(f => hasDelivered(w, f)),
}
