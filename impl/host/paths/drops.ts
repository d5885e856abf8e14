/** Maps the reasons for which the forwarder or a delay queue drops a packet (spec/machines/resolution) to counters. */
import {
  BY_RULE,
  CROWDED_OUT,
  FULL,
  NO_ANSWER,
  NO_CONTROLLER,
  NO_SERVICE,
  REPEATED,
  TOO_FAR,
  VISITED,
  WAITED,
  WAS_BROADCAST,
} from '../../../spec/machines/resolution/reasons.ts'
import type { Counters } from '../counters.ts'

const COUNTERS = {
  [BY_RULE]: 'denied',
  [WAS_BROADCAST]: 'notMeant',
  [VISITED]: 'looped',
  [TOO_FAR]: 'hopsSpent',
  [WAITED]: 'delayedAgain',
  [REPEATED]: 'ignored',
  [FULL]: 'delayFull',
  [NO_SERVICE]: 'purged',
  [NO_ANSWER]: 'purged',
  [NO_CONTROLLER]: 'purged',
  [CROWDED_OUT]: 'crowdedOut',
} as const satisfies Readonly<Record<number, keyof Counters>>

export function countDrop(counters: Counters, reason: number): void {
  counters[COUNTERS[reason as keyof typeof COUNTERS]]++
}
