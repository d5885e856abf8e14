/** What two ends deliver to each other, where a model has a transport that repeats what is missing. */
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Recoverability, Safety } from '../../invariant.ts'
import type { FlowWorld } from '../state.ts'
import {
  actor,
  hasDelivered,
  hasSentFin,
  hasTakenFin,
  isFinAcknowledged,
  isLive,
  somePair,
} from '../terms.ts'

const { CLOSED } = CONNECTION

export const noByteLost: Safety<FlowWorld> = {
  id: '59',
  name: 'no-byte-lost',
  sentence:
    'No byte is lost in either direction, whichever end closes first and whichever moves. Once one FIN has arrived, no end is over before both have closed and delivered everything.',
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

export const everythingArrives: Recoverability<FlowWorld> = {
  id: '59',
  name: 'everything-arrives',
  sentence:
    'Everything that either end has sent arrives, also when the other has closed and either one moves.',
  source: 'RFC 9293 3.6',
  when: w => somePair(w, (f, g) => isLive(f) && isLive(g) && !(hasDelivered(w, f) && hasDelivered(w, g))),
  goal: w => w.flow.every(f => hasDelivered(w, f)),
}
