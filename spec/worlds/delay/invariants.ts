/** What holds of packets that wait. */

import { at } from '../../../checker/text/at.ts'
import { invariantsOf, type Liveness, type Recoverability, type Safety } from '../invariant.ts'
import { type DelayWorld, ofSource, PLACE, waiting } from './state.ts'

export const boundedDelayQueue: Safety<DelayWorld> = {
  id: '50',
  name: 'bounded-delay-queue',
  sentence:
    'The delay queue stays within its limits, for each service and in all, and counts its packets correctly. Each packet leaves it exactly once. A packet that makes room leaves, and never makes room for a source with more waiting packets.',
  source: 'Serval paper 3.3',
  holds: (w, was) =>
    w.delayQueue.every(
      q => q.held === waiting(w, q.service, 0) && q.held <= q.cap && (q.delayQueue === 1) === q.held > 0,
    ) &&
    waiting(w, 0, 0) <= w.room &&
    was.packet.every(
      v =>
        v.id !== w.did.victim ||
        was.packet.every(
          p => p.id !== w.did.packet || ofSource(was, v.source, 0) >= ofSource(was, p.source, 0),
        ),
    ) &&
    w.packet.every(p => p.id !== w.did.victim || p.at !== PLACE.WAITS) &&
    w.packet.every(
      (p, i) =>
        p.left <= 1 &&
        (p.id !== w.did.packet || w.did.known === 1 || (p.at !== PLACE.OUT && p.at !== PLACE.FREED)) &&
        (at(was.packet, i).at === PLACE.WAITS && p.at !== PLACE.WAITS) ===
          (p.left === at(was.packet, i).left + 1),
    ),
}

export const nobodyLeftWaiting: Safety<DelayWorld> = {
  id: '52',
  name: 'nobody-left-waiting',
  sentence: 'After an answer, whatever it says, and after the last query, no packet waits for the service.',
  source: 'Serval paper 3.3',
  holds: w => w.did.ended === 0 || waiting(w, w.did.service, 0) === 0,
}

export const noSecondDelay: Safety<DelayWorld> = {
  id: '51',
  name: 'no-second-delay',
  sentence: 'A released packet is not delayed again.',
  source: 'defect D13',
  holds: w => w.packet.every(p => p.at !== PLACE.WAITS || p.released === 0),
}

export const delayedVerdict: Recoverability<DelayWorld> = {
  id: '52',
  name: 'delayed-verdict',
  sentence: 'Every delayed packet gets a verdict, or is purged when the controller is gone.',
  source: 'Serval paper 3.3',
  when: w => w.packet.some(p => p.at === PLACE.WAITS || p.at === PLACE.FREED),
  goal: w => w.packet.every(p => p.at !== PLACE.WAITS && p.at !== PLACE.FREED),
}

export const waitNeverLasts: Liveness<DelayWorld> = {
  id: '52',
  name: 'wait-never-lasts',
  sentence: 'No packet waits forever.',
  source: 'Serval paper 3.3',
  lasts: w => w.packet.some(p => p.at === PLACE.WAITS || p.at === PLACE.FREED),
  under: { answer: 'strong', receive: 'strong', resume: 'weak', timeout: 'weak', notice: 'weak' },
}

export const answersPromptly: Liveness<DelayWorld> = {
  id: '52p',
  name: 'answers-promptly',
  sentence: 'Without losses and timers, every delayed packet gets a verdict.',
  source: 'Serval paper 3.3',
  isPrompt: true,
  lasts: w => w.packet.some(p => p.at === PLACE.WAITS || p.at === PLACE.FREED),
  under: { answer: 'strong', receive: 'weak', resume: 'weak' },
}

export const delayInvariants = invariantsOf(
  [boundedDelayQueue, noSecondDelay, nobodyLeftWaiting],
  [delayedVerdict],
  [waitNeverLasts, answersPromptly],
)
