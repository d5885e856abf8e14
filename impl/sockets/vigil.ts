/** Watches whether the peer of a stream is alive: carries out what its silence demands. */
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import type { Flow } from '../host/flows/flow.ts'
import { suspect } from '../host/paths/translation.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { Driver } from './driver.ts'
import { Silence } from './silence.ts'

/** RFC 9293, 3.8.3 asks for at least 100 s. */
export const DEAD_AFTER_MS = 100_000

/** Linux's delay, for `setKeepAlive(true)` without one: two hours. */
export const KEEP_ALIVE_DELAY_MS = 7_200_000

/** The parts of a connection that its vigil uses. */
export interface Watched {
  readonly driver: Pick<Driver, 'now' | 'later' | 'kick' | 'host'>
  readonly flow: Flow
  /** All flows that carry data. */
  readonly flows: Iterable<Flow>
  readonly transport: Stream
  /** Moves that the peer has answered: it is alive, although its transport may have had nothing to say. */
  readonly answeredMoves: number
  readonly isOver: boolean
  /** True if an answer is due. */
  readonly waits: boolean
  fail(code: 'ETIMEDOUT', syscall: string): void
  retry(): void
}

export class Vigil {
  readonly #handle: Watched
  readonly #silence: Silence
  #cancel: (() => void) | undefined
  #isStopped = false
  #hasProbed = false

  constructor(handle: Watched, deadAfterMs: number) {
    this.#handle = handle
    this.#silence = new Silence(deadAfterMs)
    this.begin()
  }

  /** From now on something is unacknowledged, if nothing was before. */
  begin(): void {
    if (this.#cancel !== undefined || this.#isStopped) return
    this.#wait(this.#silence.begin(this.#handle.driver.now(), this.#heard))
  }

  /** Infinity turns it off. */
  keepAlive(delayMs: number): void {
    if (delayMs === this.#silence.keepAliveMs) return
    this.#silence.keepAliveMs = delayMs
    this.#cancel?.()
    this.#cancel = undefined
    this.begin()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
  }

  /** Signs of life of the peer so far. */
  get #heard(): number {
    const { transport, answeredMoves } = this.#handle
    return transport.segmentsReceived + answeredMoves
  }

  #wait(ms: number): void {
    this.#cancel = this.#handle.driver.later(ms, this.#look)
  }

  readonly #look = (): void => {
    this.#cancel = undefined
    const handle = this.#handle
    const { transport, flow, driver } = handle
    if (this.#isStopped || handle.isOver) return
    const isConnecting = flow.connection < CONNECTION.CONNECTED
    const waits = isConnecting || handle.waits
    const { act, waitMs } = this.#silence.look(driver.now(), this.#heard, waits)
    if (act === 'give up') {
      handle.fail('ETIMEDOUT', isConnecting ? 'connect' : 'read')
      return
    }
    // The probe before has got no answer.
    const isUnanswered = act === 'probe' && this.#hasProbed
    if (isUnanswered) for (const one of handle.flows) suspect(driver.host, one, driver.now())
    if (act === 'probe') transport.probe()
    this.#hasProbed = act === 'probe'
    if (isUnanswered || (act !== 'nothing' && waits)) handle.retry()
    if (act !== 'nothing') driver.kick()
    if (waitMs < Infinity) this.#wait(waitMs)
  }
}
