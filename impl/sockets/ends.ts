/** Where both ends of a connection are, as Node's sockets tell it. */
import { Duplex } from 'node:stream'
import { hostOf, isIPv4, NO_ADDRESS, portOf } from '../link/address.ts'
import type { Address } from '../link/link.ts'

/** One end of a connection, as `net.Socket.address()` has it. */
export interface AddressInfo {
  readonly address: string
  readonly family: 'IPv4' | 'IPv6'
  readonly port: number
}

export interface BothEnds {
  readonly local: Address
  readonly remote: Address
}

/** Undefined for no address. */
export const infoOf = (address: Address): AddressInfo | undefined =>
  address === NO_ADDRESS
    ? undefined
    : { address: hostOf(address), family: isIPv4(address) ? 'IPv4' : 'IPv6', port: portOf(address) }

/** Both ends, as properties of a socket. */
export function endsOf({ local, remote }: BothEnds) {
  const [here, there] = [infoOf(local), infoOf(remote)]
  return {
    ...{ localAddress: here?.address, localPort: here?.port, localFamily: here?.family },
    ...{ remoteAddress: there?.address, remotePort: there?.port, remoteFamily: there?.family },
  }
}

export abstract class Ends extends Duplex {
  /** Of both ends, now; undefined before there is a connection. */
  protected abstract readonly ends: BothEnds | undefined

  /** Where the peer is now. */
  get remoteAddress(): string | undefined {
    return this.#remote?.address
  }

  get remotePort(): number | undefined {
    return this.#remote?.port
  }

  get remoteFamily(): string | undefined {
    return this.#remote?.family
  }

  /** Where this end is now. */
  get localAddress(): string | undefined {
    return this.#local?.address
  }

  get localPort(): number | undefined {
    return this.#local?.port
  }

  get localFamily(): string | undefined {
    return this.#local?.family
  }

  /** This end, or an empty object before there is a connection. */
  address(): AddressInfo | Record<string, never> {
    return this.#local ?? {}
  }

  get #local(): AddressInfo | undefined {
    return this.ends && infoOf(this.ends.local)
  }

  get #remote(): AddressInfo | undefined {
    return this.ends && infoOf(this.ends.remote)
  }
}
