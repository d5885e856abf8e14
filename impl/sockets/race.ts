/**
 * A connect in both address families (RFC 8305): often a host has an IPv6 address whose packets get lost somewhere. The second attempt
 * begins when the first has not been answered for a while, or has failed. The first answer wins.
 */
import type { Stream } from '../transport/stream/stream.ts'
import type { Handle } from './handle.ts'
import type { HandleOwner } from './handleOwner.ts'

/** Connection Attempt Delay of RFC 8305, 5. */
export const ATTEMPT_DELAY_MS = 250

export class Race {
  readonly #owner: HandleOwner
  readonly #lead: (handle: Handle<Stream>) => void
  readonly #openOther: () => Handle<Stream>
  readonly #timer: NodeJS.Timeout
  /** The connection that the socket has, and the other one while it runs. */
  #leader: Handle<Stream>
  #rival: Handle<Stream> | undefined
  #hasOpened = false

  /**
   * The socket has `first`, whose owner the race replaces until one wins. `lead` gives the socket another connection; its owner,
   * `owner`, then hears of it as if it had been the only one.
   */
  constructor(
    first: Handle<Stream>,
    openOther: () => Handle<Stream>,
    owner: HandleOwner,
    lead: (handle: Handle<Stream>) => void,
  ) {
    this.#leader = first
    this.#openOther = openOther
    this.#owner = owner
    this.#lead = lead
    this.#enter(first)
    this.#timer = setTimeout(() => this.#begin(), ATTEMPT_DELAY_MS)
    this.#timer.unref()
  }

  /** The socket is closed, and leaves its own connection itself. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#hasOpened = true
    this.#rival?.abort()
    this.#rival = undefined
  }

  #enter(handle: Handle<Stream>): void {
    handle.owner = {
      connected: () => this.#win(handle),
      closed: error => this.#lose(handle, error),
      ready: () => {},
      moved: () => {},
    }
  }

  #begin(): void {
    if (this.#hasOpened) return
    clearTimeout(this.#timer)
    this.#hasOpened = true
    try {
      this.#rival = this.#openOther()
      this.#enter(this.#rival)
    } catch {
      // A limit of the host leaves the first attempt alone.
    }
  }

  #win(handle: Handle<Stream>): void {
    if (handle === this.#rival) {
      const loser = this.#leader
      this.#follow()
      loser.abort()
    }
    this.stop()
    handle.owner = this.#owner
    this.#owner.connected()
  }

  /** The rival takes the place of the first. */
  #follow(): void {
    const next = this.#rival
    if (next === undefined) return
    this.#rival = undefined
    this.#leader = next
    this.#lead(next)
  }

  #lose(handle: Handle<Stream>, error: Error | undefined): void {
    if (handle === this.#rival) {
      this.#rival = undefined
      return
    }
    const isLate = (error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT'
    if (!isLate) this.#begin()
    if (isLate || this.#rival === undefined) {
      this.stop()
      this.#owner.closed(error)
    } else this.#follow()
  }
}
