/** The places of a proxy's clients. Clients of one other machine get only a share, so that the rest stays free for others. */
import { fromParts, isLoopback } from '../link/address.ts'
import { type SourceNetwork, sourceNetworkOf } from '../link/sourceNetwork.ts'

/** The share of all places for one IPv4 address, or one IPv6 network of 64 bits. Programs of this machine have no limit of their own. */
const SHARE = 1 / 4

export class Places {
  readonly #mostForOne: number
  readonly #taken = new Map<SourceNetwork, number>()

  /** `most`: all places. */
  constructor(most: number) {
    this.#mostForOne = Math.max(1, Math.floor(most * SHARE))
  }

  /** Takes a place for a client at this IP address. Returns a function that frees it; undefined if the address has its share. */
  take(host: string): (() => void) | undefined {
    const address = fromParts(host, 0)
    if (isLoopback(address)) return () => {}
    const source = sourceNetworkOf(address)
    const taken = this.#taken.get(source) ?? 0
    if (taken >= this.#mostForOne) return undefined
    this.#taken.set(source, taken + 1)
    return () => {
      const left = (this.#taken.get(source) as number) - 1
      if (left === 0) this.#taken.delete(source)
      else this.#taken.set(source, left)
    }
  }
}
