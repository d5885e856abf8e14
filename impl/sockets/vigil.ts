/**
 * Watches whether the peer of a stream is alive. While something is unacknowledged (or a handshake unanswered), a peer
 * that is silent for `deadAfterMs` is declared dead; any packet from it counts, even a closed window. With `keepAlive`,
 * a silent peer is probed even if nothing is outstanding (RFC 9293, 3.8.4).
 */
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { Connection } from './connection.ts'
import { MAX_WAIT_MS } from './milliseconds.ts'

/** RFC 9293, 3.8.3 asks for at least 100 s. */
export const DEAD_AFTER_MS = 100_000

/** Linux's delay, for `setKeepAlive(true)` without one: two hours. */
export const KEEP_ALIVE_DELAY_MS = 7_200_000

/** Checks within `deadAfterMs`: a dead peer is found at most two quarters late. */
const LOOKS = 4
/** Node's timers have whole milliseconds. */
const LEAST_WAIT_MS = 1

export class Vigil {
  readonly #connection: Connection<Stream>
  readonly #deadAfterMs: number
  #keepAliveMs = Infinity
  #timer: NodeJS.Timeout | undefined
  #heard = -1
  #silentSinceMs = 0
  #isStopped = false

  constructor(connection: Connection<Stream>, deadAfterMs: number) {
    this.#connection = connection
    this.#deadAfterMs = deadAfterMs
    this.begin()
  }

  /** From now on something is unacknowledged, if nothing was before. */
  begin(): void {
    if (this.#timer !== undefined || this.#isStopped) return
    this.#silentSinceMs = this.#connection.driver.now()
    this.#wait(Math.min(this.#keepAliveMs, this.#deadAfterMs / LOOKS))
  }

  /** Infinity turns it off. */
  keepAlive(delayMs: number): void {
    this.#keepAliveMs = delayMs
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.begin()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(this.#look, Math.min(Math.max(ms, LEAST_WAIT_MS), MAX_WAIT_MS))
    this.#timer.unref()
  }

  readonly #look = (): void => {
    this.#timer = undefined
    const { transport, flow, driver } = this.#connection
    if (this.#isStopped || this.#connection.isOver) return
    const now = driver.now()
    const heard = transport.statistics.segmentsReceived
    if (heard !== this.#heard) {
      this.#heard = heard
      this.#silentSinceMs = now
    }
    const silentMs = now - this.#silentSinceMs
    const waits = flow.connection < CONNECTION.CONNECTED || this.#connection.waits
    const isAsked = silentMs >= this.#keepAliveMs
    if (silentMs >= this.#deadAfterMs && (waits || silentMs >= this.#keepAliveMs + this.#deadAfterMs))
      this.#connection.fail('ETIMEDOUT', flow.connection < CONNECTION.CONNECTED ? 'connect' : 'read')
    else if (isAsked) {
      transport.probe()
      driver.kick()
      this.#wait(this.#deadAfterMs / LOOKS)
    } else if (waits || this.#keepAliveMs < Infinity)
      this.#wait(Math.min(this.#keepAliveMs - silentMs, this.#deadAfterMs / LOOKS))
  }
}
