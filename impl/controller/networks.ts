/** Which hosts are near each other: those in one of the operator's networks. */
import { BlockList } from 'node:net'
import { hostOf } from '../link/address.ts'
import { addSubnet, familyOf } from '../link/subnets.ts'
import { addressOf } from './claims.ts'
import { PlaneError } from './errors.ts'

export class Networks {
  readonly #lists: readonly BlockList[]

  /** Each entry is like `10.1.0.0/16`; several ranges of one network are separated by `,`. Throws CONTROLLER_ADDRESS. */
  constructor(networks: readonly string[] = []) {
    this.#lists = networks.map(network => {
      const list = new BlockList()
      for (const subnet of network.split(','))
        if (!addSubnet(list, subnet))
          throw new PlaneError('CONTROLLER_ADDRESS', `'${subnet}' is not a network; write 10.1.0.0/16`)
      return list
    })
  }

  /** Returns a number for each network; -1 outside of all. */
  of(address: string): number {
    const host = hostOf(addressOf(address))
    return this.#lists.findIndex(list => list.check(host, familyOf(host)))
  }

  /** Without networks, all hosts are near each other. */
  areNear(a: number, b: number): boolean {
    return this.#lists.length === 0 || (a >= 0 && a === b)
  }
}
