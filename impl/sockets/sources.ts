/** Ranks the stack's addresses for a destination as the system does, so that docker0 or a link-local address gets no flow. */
import { Latest } from '../../checker/text/latest.ts'
import { NO_ADDRESS, withPort } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { sourceOf } from '../link/sourceOf.ts'

/** How long a route is believed, ms: routes change without notice. Connects in a row ask once. */
const BELIEVED_MS = 1000
/** The most routes that are remembered. */
const MOST_KNOWN = 256

export class Sources {
  readonly #now: () => number
  readonly #known = new Latest<Address, { readonly source: Address; readonly untilMs: number }>(MOST_KNOWN)

  constructor(now: () => number) {
    this.#now = now
  }

  /** The machine's addresses have changed, and with them its routes. */
  forget(): void {
    this.#known.clear()
  }

  /**
   * Calls back with `addresses`, that from which the system sends to `to` first; with none if it has no route. Calls back
   * before it returns if the route is known.
   */
  rank(addresses: readonly Address[], to: Address, ranked: (addresses: readonly Address[]) => void): void {
    const host = withPort(to, 0)
    const known = this.#known.get(host)
    const tell = (source: Address): void =>
      ranked(source === NO_ADDRESS ? [] : addresses.toSorted((a, b) => isAt(b, source) - isAt(a, source)))
    if (known !== undefined && this.#now() < known.untilMs) tell(known.source)
    else
      void sourceOf(to).then(source => {
        this.#known.set(host, { source, untilMs: this.#now() + BELIEVED_MS })
        tell(source)
      })
  }
}

const isAt = (address: Address, source: Address): number => (withPort(address, 0) === source ? 1 : 0)
