/** What holds while a client's host seeks an instance of a service. */
import { at } from '../../../checker/text/at.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { flowInvariants } from '../flow/invariants/index.ts'
import { noLateAnswer } from '../flow/terms.ts'
import { invariantsOf, type Liveness, type Recoverability, type Safety } from '../invariant.ts'
import type { SeekingWorld } from './state.ts'

const { INIT, REQUEST, CLOSED } = CONNECTION

export const refusedOnce: Safety<SeekingWorld> = {
  id: '66',
  name: 'refused-once',
  sentence: 'A host leads no SYN to an instance that has refused this connect, as long as another has not.',
  source: 'defect D15',
  holds: (w, was) =>
    w.did.led === 0 || at(was.refused, w.did.led - 1) === 0 || was.refused.every(refused => refused === 1),
}

export const othersAreAsked: Safety<SeekingWorld> = {
  id: '66b',
  name: 'others-are-asked',
  sentence: 'A refusal ends a connect only when every instance has refused it.',
  source: 'Serval paper 3.2',
  holds: (w, was) =>
    at(was.flow, 0).connection !== REQUEST ||
    at(w.flow, 0).connection !== CLOSED ||
    w.did.passed === 0 ||
    w.refused.every(refused => refused === 1),
}

export const servingIsReached: Recoverability<SeekingWorld> = {
  id: '66',
  name: 'serving-is-reached',
  sentence: 'While one instance serves, a connect reaches it, although another is dead or refuses.',
  source: 'Serval paper 3.2',
  when: w =>
    at(w.flow, 0).connection === REQUEST &&
    noLateAnswer(w) &&
    w.dead.some((dead, i) => dead === 0 && at(w.flow, i + 1).connection === INIT),
  goal: w => at(w.flow, 0).connection > REQUEST && at(w.flow, 0).connection < CLOSED,
}

export const seekingNeverLasts: Liveness<SeekingWorld> = {
  id: '66',
  name: 'seeking-never-lasts',
  sentence: 'No connect lasts forever while an instance serves.',
  source: 'Serval paper 3.2',
  lasts: w =>
    at(w.flow, 0).connection === REQUEST &&
    w.dead.some((dead, i) => dead === 0 && at(w.flow, i + 1).connection === INIT),
  under: { deliver: 'strong', resolve: 'strong', timeout: 'strong' },
}

export const seekingInvariants = invariantsOf(
  [refusedOnce, othersAreAsked],
  [servingIsReached],
  [seekingNeverLasts],
)

/** What holds of flows holds here as well, except that a connect may last: nothing answers for dead instances. */
export const soughtInvariants = invariantsOf(
  [...flowInvariants.safety, ...seekingInvariants.safety],
  [...flowInvariants.recoveries, ...seekingInvariants.recoveries],
  [
    ...flowInvariants.liveness.filter(({ id, isPrompt }) => id !== '7' && isPrompt !== true),
    ...seekingInvariants.liveness,
  ],
)
