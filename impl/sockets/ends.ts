/** The addresses of both ends of a connection, in the form of Node's sockets. */
import { Duplex } from 'node:stream'
import { hostOf, isIPv4, NO_ADDRESS, portOf } from '../link/address.ts'
import type { Address } from '../link/link.ts'

/** One end of a connection, like the result of `net.Socket.address()`. */
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
  /** The current ends; undefined without a connection. */
  protected abstract readonly ends: BothEnds | undefined

  /** The current address of the peer. */
  get remoteAddress(): string | undefined {
    return this.#remote?.address
  }

  get remotePort(): number | undefined {
    return this.#remote?.port
  }

  get remoteFamily(): string | undefined {
    return this.#remote?.family
  }

  /** The current address of this end. */
  get localAddress(): string | undefined {
    return this.#local?.address
  }

  get localPort(): number | undefined {
    return this.#local?.port
  }

  get localFamily(): string | undefined {
    return this.#local?.family
  }

  /** Returns this end, or an empty object without a connection; a closed socket has none. */
  address(): AddressInfo | Record<string, never> {
    return this.#local ?? {}
  }

  get #local(): AddressInfo | undefined {
    return this.ends && !this.destroyed ? infoOf(this.ends.local) : undefined
  }

  get #remote(): AddressInfo | undefined {
    return this.ends && infoOf(this.ends.remote)
  }
}
