/** Which hosts are near each other: those in one of the operator's networks. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { hostOf } from '../link/address.ts'
import { addressOf } from './claims.ts'
import { PlaneError } from './errors.ts'

export class Networks {
  readonly #lists: readonly BlockList[]

  /** Each entry is like `10.1.0.0/16`; several ranges of one network are separated by `,`. Throws CONTROLLER_ADDRESS. */
  constructor(networks: readonly string[] = []) {
    this.#lists = networks.map(network => {
      const list = new BlockList()
      for (const subnet of network.split(',')) addSubnet(list, subnet)
      return list
    })
  }

  /** Returns a number for each network; -1 outside of all. */
  of(address: string): number {
    const host = hostOf(addressOf(address))
    return this.#lists.findIndex(list => list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4'))
  }

  /** Without networks, all hosts are near each other. */
  areNear(a: number, b: number): boolean {
    return this.#lists.length === 0 || (a >= 0 && a === b)
  }
}

/** Adds `10.1.0.0/16`. Throws CONTROLLER_ADDRESS. */
export function addSubnet(list: BlockList, subnet: string): void {
  const [, host = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(subnet) ?? []
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(host) === 0 || Number(bits) > (family === 'ipv6' ? 128 : 32))
    throw new PlaneError('CONTROLLER_ADDRESS', `'${subnet}' is not a network; write 10.1.0.0/16`)
  list.addSubnet(host, Number(bits), family)
}
