/** Hosts that crash and restart, stop to listen, and attackers. */
import { at } from '../../../checker/text/at.ts'
import { attack } from '../attack.ts'
import * as limits from '../limits.ts'
import { crash, restart, unlisten } from '../lives.ts'
import type { FaultAction } from '../plan.ts'
import { always, type Drawn, type Fault, within } from './fault.ts'

type Of<K> = Extract<FaultAction, { do: K }>

export const crashes: Fault<Of<'crash'>> = {
  weight: within('hosts', 2),
  hitsRouters: true,
  isOutside: true,
  draw: ({ chance, host }) => ({ host, keepsSecret: chance.oneIn(2) }),
  apply: (simulation, { host, keepsSecret }) => crash(simulation, at(simulation.stations, host), keepsSecret),
}

export const restarts: Fault<Of<'restart'>> = {
  weight: always(3),
  hitsRouters: true,
  draw: ({ host }) => ({ host }),
  apply: (simulation, { host }) => restart(simulation, at(simulation.stations, host)),
}

/** Instances that offer one service come and go more often than others, so that the others get their clients. */
const listener = ({ chance, host, world: { instances } }: Drawn): { host: number } => ({
  host: instances > 1 && !chance.oneIn(4) ? chance.below(instances) : host,
})

export const unlistens: Fault<Of<'unlisten'>> = {
  weight: world => within('hosts', world.instances > 1 ? 4 : 1)(world),
  draw: listener,
  apply: (simulation, { host }) => unlisten(simulation, at(simulation.stations, host)),
}

export const listens: Fault<Of<'listen'>> = {
  weight: ({ instances }) => (instances > 1 ? 7 : 2),
  draw: listener,
  apply: (simulation, { host }) => simulation.listen(at(simulation.stations, host)),
}

/** The largest weight that is drawn; 0 is one of four. */
const MOST_WEIGHT = 3

export const weighs: Fault<Of<'weigh'>> = {
  weight: ({ hosts, stations, instances }) => (stations > hosts && instances > 1 ? 8 : 0),
  draw: ({ chance, world }) => ({
    host: chance.below(world.instances),
    weight: chance.below(MOST_WEIGHT + 1),
  }),
  ranges: { weight: [0, limits.MOST_WEIGHT] },
  apply: ({ plane }, { host, weight }) => plane.weigh(host, weight),
}

/** Packets of one attack: some are more than any backlog holds. */
const MOST_ATTACK = 1000

export const attacks: Fault<Of<'attack'>> = {
  weight: within('attacks', 10),
  draw: ({ chance, host, address }) => ({
    ...{ host, address },
    kind: chance.oneIn(2) ? 'flood' : 'forge',
    ...{ packets: chance.size(MOST_ATTACK), seed: chance.below(limits.MOST_SEED) },
  }),
  ranges: { packets: [1, limits.MOST_ATTACK_PACKETS], seed: [0, limits.MOST_SEED] },
  apply: attack,
}
