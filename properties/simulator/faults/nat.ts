/** Address translators in front of hosts, which forget mappings and run out of ports. */
import { at } from '../../../checker/text/at.ts'
import type { FaultAction } from '../plan.ts'
import { type Drawn, type Fault, within } from './fault.ts'

type Of<K> = Extract<FaultAction, { do: K }>

/** A host behind a translator, if there is one. */
const translated = ({ chance, host, world: { translated: hosts } }: Drawn): { host: number } => ({
  host: hosts.length === 0 ? host : chance.pick(hosts),
})

export const rebinds: Fault<Of<'rebind'>> = {
  weight: within('nat', 14),
  isOutside: true,
  draw: translated,
  apply: ({ stations }, { host }) => at(stations, host).nat?.rebind(),
}

export const exhausts: Fault<Of<'exhaust'>> = {
  weight: within('nat', 5),
  isOutside: true,
  draw: translated,
  apply: ({ stations }, { host }) => at(stations, host).nat?.limit(0),
}

export const relieves: Fault<Of<'relieve'>> = {
  weight: within('nat', 5),
  isOutside: true,
  draw: translated,
  apply: ({ stations }, { host }) => at(stations, host).nat?.limit(MOST_MAPPINGS),
}

/** Mappings of a translator with enough ports. */
const MOST_MAPPINGS = 1024
