/**
 * Counts registrations, in all and per host. Ended and remembered ones have separate limits, so that a host can restart
 * all its services.
 */
export interface ShareLimits {
  readonly most: number
  readonly mostPerHost: number
  readonly mostGone: number
  readonly mostGonePerHost: number
}

interface Share {
  there: number
  gone: number
}

export class Shares {
  readonly #limits: ShareLimits
  readonly #all: Share = { there: 0, gone: 0 }
  readonly #hosts = new Map<string, Share>()

  constructor(limits: ShareLimits) {
    this.#limits = limits
  }

  /** The number of current registrations of all hosts. */
  get there(): number {
    return this.#all.there
  }

  /** True if a host may have one more. */
  hasRoom(host: string): boolean {
    const { most, mostPerHost, mostGone, mostGonePerHost } = this.#limits
    const { there, gone } = this.#hosts.get(host) ?? NONE
    if (this.#all.there >= most || there >= mostPerHost) return false
    return gone < mostGonePerHost && this.#all.gone < mostGone
  }

  /** Counts one more, or one less if `change` is -1. */
  count(host: string, kind: keyof Share, change: 1 | -1): void {
    const share = this.#hosts.get(host) ?? { ...NONE }
    share[kind] += change
    this.#all[kind] += change
    if (share.there + share.gone > 0) this.#hosts.set(host, share)
    else this.#hosts.delete(host)
  }
}

const NONE: Readonly<Share> = { there: 0, gone: 0 }
