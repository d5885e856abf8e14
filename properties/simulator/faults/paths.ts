/** Faults of the paths between hosts. Those that last are no outages: streams have to find out what a path carries. */
import { DEFAULT_MTU } from '../../../impl/link/link.ts'
import * as limits from '../limits.ts'
import type { FaultAction } from '../plan.ts'
import { always, between, type Fault, within } from './fault.ts'

type Of<K> = Extract<FaultAction, { do: K }>

/** The first packets of streams, after IPv6 and UDP. */
const BASE_WIDTH = 1280 - 40 - 8

export const cuts: Fault<Of<'cut'>> = {
  weight: between(within('hosts', 5)),
  hitsRouters: true,
  isOutside: true,
  draw: ({ host, to }) => ({ host, to }),
  apply: ({ paths }, { host, to }) => paths.cut(host, to),
}

export const deafens: Fault<Of<'deafen'>> = {
  weight: between(within('one-way', 15)),
  isOutside: true,
  draw: ({ host, address, to }) => ({ host, address, to }),
  apply: ({ paths }, { host, address, to }) => paths.deafen(host, address, to),
}

export const heals: Fault<Of<'heal'>> = {
  weight: between(always(5)),
  hitsRouters: true,
  isOutside: true,
  draw: ({ host, to }) => ({ host, to }),
  apply: ({ paths }, { host, to }) => paths.heal(host, to),
}

export const narrows: Fault<Of<'narrow'>> = {
  weight: between(within('narrow', 15)),
  isOutside: true,
  /** Mostly to a width that tunnels have, sometimes to less than the base from which streams begin. */
  draw: ({ chance, host, to }) => {
    const least = chance.oneIn(4) ? limits.LEAST_WIDTH : BASE_WIDTH
    return { host, to, bytes: least + chance.below(DEFAULT_MTU - least) }
  },
  ranges: { bytes: [limits.LEAST_WIDTH, limits.MOST_WIDTH] },
  apply: ({ paths }, { host, to, bytes }) => paths.narrow(host, to, bytes),
}

export const throttles: Fault<Of<'throttle'>> = {
  weight: between(within('queues', 15)),
  isOutside: true,
  draw: ({ chance, host, to }) => ({
    ...{ host, to },
    bytesPerSecond: chance.between(limits.LEAST_RATE, limits.MOST_RATE),
    queueBytes: chance.between(limits.LEAST_QUEUE, limits.MOST_QUEUE),
  }),
  ranges: {
    bytesPerSecond: [limits.LEAST_RATE, limits.MOST_RATE],
    queueBytes: [limits.LEAST_QUEUE, limits.MOST_QUEUE],
  },
  apply: ({ paths }, { host, to, bytesPerSecond, queueBytes }) =>
    paths.throttle(host, to, { bytesPerSecond, queueBytes }),
}
