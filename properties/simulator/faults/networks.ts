/** Networks that come and go: all addresses of one number are in one network. */
import type { FaultAction } from '../plan.ts'
import { type Fault, within } from './fault.ts'

type Of<K> = Extract<FaultAction, { do: K }>

export const darkens: Fault<Of<'blackout'>> = {
  weight: within('networks', 10),
  isOutside: true,
  draw: ({ chance, address }) => ({ network: address, isForGood: chance.oneIn(4) }),
  apply: (simulation, { network, isForGood }) => {
    simulation.paths.darken(network, true)
    if (isForGood) simulation.lostNetwork = network
  },
}

export const lightens: Fault<Of<'restore'>> = {
  weight: within('networks', 10),
  isOutside: true,
  draw: ({ address }) => ({ network: address }),
  apply: (simulation, { network }) => {
    if (simulation.lostNetwork !== network) simulation.paths.darken(network, false)
  },
}
