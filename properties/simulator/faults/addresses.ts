/** Addresses that hosts lose, get back, and hand over. */
import { at } from '../../../checker/text/at.ts'
import { comeBack, reassign, vanish } from '../addressChanges.ts'
import type { FaultAction } from '../plan.ts'
import { addressOf } from '../station.ts'
import { always, between, type Fault, within } from './fault.ts'

type Of<K> = Extract<FaultAction, { do: K }>

export const vanishes: Fault<Of<'vanish'>> = {
  weight: within('hosts', 7),
  hitsRouters: true,
  draw: ({ chance, host, address }) => ({ host, address, follow: !chance.oneIn(3) }),
  apply: (simulation, { host, address, follow }) =>
    vanish(simulation, at(simulation.stations, host), addressOf(host, address), follow),
}

export const returns: Fault<Of<'return'>> = {
  weight: always(6),
  hitsRouters: true,
  draw: ({ host, address }) => ({ host, address }),
  apply: (simulation, { host, address }) =>
    comeBack(simulation, at(simulation.stations, host), addressOf(host, address)),
}

export const changesHands: Fault<Of<'reassign'>> = {
  weight: between(within('hosts', 1)),
  draw: ({ host, address, to }) => ({ host, address, to }),
  apply: (simulation, { host, address, to }) => {
    const { stations } = simulation
    reassign(simulation, at(stations, host), at(stations, to), addressOf(host, address))
  },
}
