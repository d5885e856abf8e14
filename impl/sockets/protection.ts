/** Says which failures the further flows of a connection protect it from. */
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostOf } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { addSubnet, familyOf } from '../link/subnets.ts'
import type { Pair } from './flowPolicy.ts'

/**
 * `none`: no other flow works. `same address`, `same network`: the flows that work leave from one local address, or from addresses of
 * one network, and end together when it fails. `same peer address`: they lead to one address of the peer. `independent`: they share
 * none of these.
 */
export type Protection = 'none' | 'same address' | 'same network' | 'same peer address' | 'independent'

/** Returns the network of a local address: any text that addresses of one network share. */
export type NetworkOf = (local: Address) => string

/** Returns the protection of a connection by its flows that work. */
export function protectionOf(flows: readonly Pair[], networkOf: NetworkOf): Protection {
  const isShared = (place: (flow: Pair) => string): boolean => new Set(flows.map(place)).size === 1
  if (flows.length < 2) return 'none'
  if (isShared(({ from }) => hostOf(from))) return 'same address'
  if (isShared(({ from }) => networkOf(from))) return 'same network'
  return isShared(({ to }) => hostOf(to)) ? 'same peer address' : 'independent'
}

/** Knows the networks of this machine's interfaces as they are now. An address outside of them is a network of its own. */
export function localNetworks(interfaces = networkInterfaces()): NetworkOf {
  const networks = Object.values(interfaces)
    .flatMap(infos => infos ?? [])
    .map(({ cidr }) => cidr)
    .filter(cidr => cidr !== null)
    .map(cidr => {
      const list = new BlockList()
      addSubnet(list, cidr)
      return list
    })
  return local => {
    const host = hostOf(local).replace(/%.*/, '')
    // Interfaces in one network have lists that hold each other's addresses, so the first one stands for all.
    const network = networks.findIndex(list => list.check(host, familyOf(host)))
    return network < 0 ? host : String(network)
  }
}
