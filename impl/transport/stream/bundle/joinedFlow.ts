/** A further flow of a stream, as the host sees it. The application uses the stream alone. */
import type { Transport, TransportDriver } from '../../transport.ts'
import { Exchange } from '../exchange.ts'
import type { Settings } from '../options.ts'
import type { Bundle, Owner } from './bundle.ts'
import type { Subflow } from './subflow.ts'

export class JoinedFlow implements Transport {
  driver: TransportDriver | undefined
  readonly subflow: Subflow
  readonly #exchange: Exchange
  readonly #whole: Owner
  readonly #bundle: Bundle

  constructor(whole: Owner, bundle: Bundle, settings: Settings, isBackup: boolean) {
    this.#whole = whole
    this.#bundle = bundle
    this.#exchange = new Exchange(settings)
    this.subflow = bundle.add(this.#exchange, this, isBackup)
  }

  get protocol(): number {
    return this.#whole.protocol
  }

  get finished(): boolean {
    return this.#whole.finished
  }

  get hasHeardEnd(): boolean {
    return this.#whole.hasHeardEnd
  }

  get peerFinished(): boolean {
    return this.#whole.peerFinished
  }

  get buffered(): number {
    return this.#bundle.memoryOf(this.subflow)
  }

  get timeouts(): number {
    return this.#exchange.timeouts
  }

  writeHandshake(kind: number, out: Uint8Array, at: number, now: number): number {
    return this.#exchange.writeHandshake(kind, out, at, now)
  }

  readHandshake(kind: number, bytes: Uint8Array, start: number, end: number, now: number): boolean {
    if (this.subflow.hasLeft) return false
    const isRight = this.#exchange.readHandshake(kind, bytes, start, end, now)
    if (isRight) this.#whole.tell(now)
    return isRight
  }

  /** A listener without state accepts no further flows. */
  readUnkept(): boolean {
    return false
  }

  receive(bytes: Uint8Array, start: number, end: number, now: number): void {
    if (this.subflow.hasLeft) return
    const isCrowded = this.driver?.isCrowded ?? false
    if (this.#exchange.receive(bytes, start, end, isCrowded, now)) this.#whole.tell(now)
  }

  send(out: Uint8Array, at: number, now: number): number {
    if (this.#isSilenced) return at
    const end = this.#exchange.send(out, at, now)
    if (end > at || !this.#whole.drain() || this.#isSilenced) return end
    return this.#exchange.send(out, at, now)
  }

  nextTimeout(): number {
    return this.#isSilenced ? Number.POSITIVE_INFINITY : this.#exchange.nextTimeout()
  }

  expire(now: number): void {
    if (!this.#isSilenced) this.#exchange.expire(now)
  }

  freeze(): void {
    this.subflow.freeze()
  }

  thaw(now: number, fresh: boolean): void {
    if (this.subflow.hasLeft) return
    this.subflow.thaw()
    this.#exchange.thaw(now, fresh)
  }

  change(now: number): void {
    if (!this.subflow.hasLeft) this.#exchange.change(now)
  }

  retry(now: number): void {
    if (this.#isSilenced) return
    this.#exchange.retry(now)
    this.driver?.wake()
  }

  finish(now: number): void {
    this.#whole.finish(now)
  }

  confirmEnd(now: number): void {
    this.#whole.confirmEnd(now)
  }

  /** The flow is over; the stream goes on without it. */
  destroy(): void {
    this.#bundle.leave(this.subflow)
    this.driver = undefined
  }

  get #isSilenced(): boolean {
    return this.subflow.isFrozen || this.subflow.hasLeft
  }
}
