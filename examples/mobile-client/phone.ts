/** A host that moves between networks. Each has its own address, rate and delay. */
import { must } from '../../checker/text/at.ts'
import { parseAddress } from '../../impl/link/address.ts'
import { type FaultyLink, faults } from '../../impl/link/faults.ts'
import type { Address, Link } from '../../impl/link/link.ts'
import { realClock } from '../../impl/link/realClock.ts'
import { UdpLink } from '../../impl/link/udp.ts'
import { Stack } from '../../impl/sockets/index.ts'

export interface Network {
  readonly name: string
  /** The phone's address there. */
  readonly address: string
  readonly megabitsPerSecond: number
  /** One way. */
  readonly delayMs: number
}

export class Phone {
  /** Its flows leave a lost address by themselves, which is the default of stacks. */
  readonly stack: Stack
  readonly #clock = realClock()
  readonly #udp = new UdpLink()
  readonly #air: FaultyLink = faults(this.#udp, {}, Math.random, this.#clock)
  readonly #addresses = new Map<Network, Address>()

  constructor() {
    this.stack = new Stack({ link: this.#heardWhileThere() })
  }

  async enter(network: Network): Promise<void> {
    const { address, megabitsPerSecond, delayMs } = network
    const direction = { delayMs, bytesPerSecond: (megabitsPerSecond * 1e6) / 8 }
    this.#air.set({ send: direction, receive: direction })
    this.#addresses.set(network, await this.#udp.add(parseAddress(`${address}:0`)))
  }

  /** The network vanishes without notice. */
  async lose(network: Network): Promise<void> {
    await this.#udp.remove(must(this.#addresses.get(network)))
  }

  /** Returns a link that loses the packets on their way when a network vanishes. */
  #heardWhileThere(): Link {
    const air = this.#air
    const receive: Link['receive'] = listener =>
      air.receive(batch => {
        const heard = batch.filter(({ to }) => air.addresses().includes(to))
        if (heard.length > 0) listener(heard)
      })
    return { ...air, receive }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.close()
    this.#clock.stop()
  }
}
