/** Hosts that do not run for a while, and clocks that are wrong. */
import { at } from '../../../checker/text/at.ts'
import type { Chance } from '../chance.ts'
import * as limits from '../limits.ts'
import type { FaultAction } from '../plan.ts'
import { type Fault, within } from './fault.ts'

type Of<K> = Extract<FaultAction, { do: K }>

const LEAST_SLEEP_MS = 20
/** A host that sleeps for longer may seem dead to its peers. */
const LONG_SLEEP_MS = 90_000
const MOST_SLEEP_MS = 200_000
/** Far worse than quartz, so that it shows within minutes. */
const MOST_SKEW = 50_000
/** A day. */
const MOST_JUMP_MS = 86_400_000

const sleepOf = (chance: Chance): number =>
  chance.oneIn(3)
    ? chance.between(LONG_SLEEP_MS, MOST_SLEEP_MS)
    : chance.between(LEAST_SLEEP_MS, LONG_SLEEP_MS)

export const stalls: Fault<Of<'stall'>> = {
  weight: within('clocks', 12),
  draw: ({ chance, host }) => ({ host, forMs: sleepOf(chance) }),
  ranges: { forMs: [1, limits.MOST_MS] },
  apply: (simulation, { host, forMs }) => at(simulation.stations, host).sleep(forMs, 'stalled'),
}

export const suspends: Fault<Of<'suspend'>> = {
  weight: within('clocks', 12),
  draw: ({ chance, host }) => ({
    ...{ host, forMs: sleepOf(chance) },
    clock: chance.oneIn(2) ? 'stops' : 'goes on',
  }),
  ranges: { forMs: [1, limits.MOST_MS] },
  apply: (simulation, { host, forMs, clock }) => {
    const station = at(simulation.stations, host)
    station.sleep(forMs, clock === 'stops' ? 'suspended, clock too' : 'suspended')
  },
}

export const skews: Fault<Of<'skew'>> = {
  weight: within('clocks', 5),
  draw: ({ chance, host }) => ({ host, ppm: chance.size(MOST_SKEW), isFast: chance.oneIn(2) }),
  ranges: { ppm: [0, limits.MOST_PPM] },
  apply: (simulation, { host, ppm, isFast }) => {
    at(simulation.stations, host).clock.skew(simulation.now, isFast ? ppm : -ppm)
  },
}

export const jumps: Fault<Of<'jump'>> = {
  weight: within('clocks', 5),
  draw: ({ chance, host }) => ({ host, byMs: chance.size(MOST_JUMP_MS), isForward: chance.oneIn(2) }),
  ranges: { byMs: [1, limits.MOST_MS] },
  apply: (simulation, { host, byMs, isForward }) => {
    at(simulation.stations, host).clock.jump(isForward ? byMs : -byMs)
  },
}
