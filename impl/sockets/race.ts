/**
 * A connect in both address families (RFC 8305): often a host has an IPv6 address whose packets get lost somewhere. The second attempt
 * begins when the first has not been answered for a while, or has failed. The first answer wins.
 */
import type { Stream } from '../transport/stream/stream.ts'
import type { Connection } from './connection.ts'
import type { ConnectionOwner } from './connectionOwner.ts'

/** Connection Attempt Delay of RFC 8305, 5. */
export const ATTEMPT_DELAY_MS = 250

export class Race {
  readonly #owner: ConnectionOwner
  readonly #lead: (connection: Connection<Stream>) => void
  readonly #openOther: () => Connection<Stream>
  readonly #timer: NodeJS.Timeout
  /** The connection that the socket has, and the other one while it runs. */
  #leader: Connection<Stream>
  #rival: Connection<Stream> | undefined
  #hasOpened = false

  /**
   * The socket has `first`, whose owner the race replaces until one wins. `lead` gives the socket another connection; its owner,
   * `owner`, then hears of it as if it had been the only one.
   */
  constructor(
    first: Connection<Stream>,
    openOther: () => Connection<Stream>,
    owner: ConnectionOwner,
    lead: (connection: Connection<Stream>) => void,
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

  #enter(connection: Connection<Stream>): void {
    connection.owner = {
      connected: () => this.#win(connection),
      closed: error => this.#lose(connection, error),
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

  #win(connection: Connection<Stream>): void {
    if (connection === this.#rival) {
      const loser = this.#leader
      this.#follow()
      loser.abort()
    }
    this.stop()
    connection.owner = this.#owner
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

  #lose(connection: Connection<Stream>, error: Error | undefined): void {
    if (connection === this.#rival) {
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
