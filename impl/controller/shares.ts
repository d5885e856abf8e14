/**
 * How many registrations there are, in all and of each host. Those that are gone and still remembered have limits of their
 * own: a host that starts all of its services anew has room for them.
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

  /** Whether a host may have one more. */
  hasRoom(host: string): boolean {
    const { most, mostPerHost, mostGone, mostGonePerHost } = this.#limits
    const { there, gone } = this.#hosts.get(host) ?? NONE
    if (this.#all.there >= most || there >= mostPerHost) return false
    return gone < mostGonePerHost && this.#all.gone < mostGone
  }

  /** One more, or with `change` -1 one less. */
  count(host: string, kind: keyof Share, change: 1 | -1): void {
    const share = this.#hosts.get(host) ?? { ...NONE }
    share[kind] += change
    this.#all[kind] += change
    if (share.there + share.gone > 0) this.#hosts.set(host, share)
    else this.#hosts.delete(host)
  }
}

const NONE: Readonly<Share> = { there: 0, gone: 0 }
