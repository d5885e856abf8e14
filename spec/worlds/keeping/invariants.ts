/** What must hold of the leases of controllers that share a registry. */
import { at } from '../../../checker/text/at.ts'
import { REGISTRAR } from '../../machines/registration/states.ts'
import { invariantsOf, type Liveness, type Safety } from '../invariant.ts'
import { areRight, type KeepingWorld, MISSED, SETTLED } from './state.ts'

export const renewedLeasesHold: Safety<KeepingWorld> = {
  id: '81',
  name: 'renewed-leases-hold',
  sentence:
    'No controller ends the lease of an instance whose host renews it, at any controller that reaches the registry, or at any at all while the registry is silent.',
  source: 'defect P6',
  holds: w => w.did.expired === 0 || w.host.missed === MISSED,
}

export const timelyAnswers: Safety<KeepingWorld> = {
  id: '82',
  name: 'timely-answers',
  sentence:
    'Two leases after the last fault, each controller that reaches the registry resolves an instance that its host renews, and none that is dead.',
  source: 'RFC 2131',
  holds: w => w.calm < SETTLED || areRight(w),
}

export const evictedForAll: Safety<KeepingWorld> = {
  id: '83',
  name: 'evicted-for-all',
  sentence:
    'A controller that has read or stored that an instance is evicted does not resolve it again while the registry keeps its data.',
  source: 'kubectl cordon',
  holds: (w, was) =>
    w.live.every(
      (c, i) =>
        at(was.live, i).registrar !== REGISTRAR.EVICTED ||
        at(was.live, i).writing === 1 ||
        at(was.live, i).lost === 1 ||
        c.registrar !== REGISTRAR.BOUND,
    ),
}

export const wrongLeaseNeverLasts: Liveness<KeepingWorld> = {
  id: '82',
  name: 'wrong-lease-never-lasts',
  sentence: 'No run keeps the lease of a dead instance forever, or ends that of a live one for good.',
  source: 'RFC 2131',
  lasts: w => !areRight(w),
  under: {
    ...{ tick: 'strong', renew: 'strong', turn: 'strong', write: 'strong', see: 'strong', due: 'strong' },
    ...{ reach: 'weak', 'registry returns': 'weak', 'turn early': 'finite', kill: 'finite', start: 'finite' },
    ...{ outage: 'finite', 'lose data': 'finite', evict: 'finite' },
  },
}

export const keepingInvariants = invariantsOf(
  [renewedLeasesHold, timelyAnswers, evictedForAll],
  [],
  [wrongLeaseNeverLasts],
)
