/** Limits the commands of `serval listen --exec`: how many run at once, in all and for one source, and how fast they start. */

import { must } from '../../checker/text/at.ts'
import { RateLimit } from '../../impl/host/paths/rateLimit.ts'
import { parseAddress } from '../../impl/link/address.ts'
import { type SourceNetwork, sourceNetworkOf } from '../../impl/link/sourceNetwork.ts'

/** Each is a process or more. */
export const COMMANDS_LIMIT = 128
/** Part of them that one source may have: others find room. */
const OF_SOURCE = 1 / 2
/** Commands that end at once are started no faster. */
const PER_SECOND = 50
const AT_ONCE = 100

export class CommandLimits {
  readonly #most: number
  readonly #ofSource: number
  readonly #rate = new RateLimit(PER_SECOND, AT_ONCE)
  readonly #running = new Map<SourceNetwork, number>()
  #all = 0

  constructor(most = COMMANDS_LIMIT) {
    this.#most = most
    this.#ofSource = Math.ceil(most * OF_SOURCE)
  }

  /** Counts a command for a client at this IP address. Returns what to call when it has ended; undefined: there is no room. */
  begin(host: string, nowMs: number): (() => void) | undefined {
    const source = sourceNetworkOf(parseAddress(host))
    const own = this.#running.get(source) ?? 0
    if (this.#all >= this.#most || own >= this.#ofSource || !this.#rate.take(nowMs)) return undefined
    this.#all++
    this.#running.set(source, own + 1)
    return () => {
      this.#all--
      const left = must(this.#running.get(source)) - 1
      if (left > 0) this.#running.set(source, left)
      else this.#running.delete(source)
    }
  }
}
