/** A further flow of datagrams, as the host sees it. The application uses the first one's transport alone. */
import { SYN } from '../../../spec/machines/flow/packets.ts'
import { encodeDatagramHeader } from '../../../spec/wire/datagram.ts'
import type { Transport, TransportDriver } from '../transport.ts'
import type { DatagramBundle, Whole } from './bundle.ts'
import type { DatagramPath } from './path.ts'

export class JoinedDatagrams implements Transport {
  driver: TransportDriver | undefined
  readonly path: DatagramPath
  readonly #whole: Whole
  readonly #bundle: DatagramBundle

  constructor(whole: Whole, bundle: DatagramBundle, isBackup: boolean) {
    this.#whole = whole
    this.#bundle = bundle
    this.path = bundle.add(this, isBackup, false)
  }

  get protocol(): number {
    return this.#whole.protocol
  }

  get finished(): boolean {
    return this.#whole.isDrained && this.path.buffered === 0
  }

  get hasHeardEnd(): boolean {
    return this.#whole.hasHeardEnd
  }

  get peerFinished(): boolean {
    return this.#whole.peerFinished
  }

  get buffered(): number {
    return this.path.buffered
  }

  get timeouts(): number {
    return this.path.roundTrip.timeouts
  }

  writeHandshake(_kind: number, out: Uint8Array, at: number, _now: number): number {
    return encodeDatagramHeader(0, out, at)
  }

  readHandshake(kind: number, bytes: Uint8Array, start: number, end: number, now: number): boolean {
    if (this.path.hasLeft || !this.#whole.readHandshake(kind, bytes, start, end, now)) return false
    // A SYN opens nothing yet.
    if (kind !== SYN) this.#bundle.opened(this.path)
    return true
  }

  /** A listener without state accepts no further flows. */
  readUnkept(): boolean {
    return false
  }

  receive(bytes: Uint8Array, start: number, end: number, now: number): void {
    if (!this.path.hasLeft) this.#bundle.receive(this.path, bytes, start, end, now)
  }

  send(out: Uint8Array, at: number, now: number): number {
    return this.#bundle.send(this.path, out, at, now)
  }

  nextTimeout(): number {
    return Number.POSITIVE_INFINITY
  }

  expire(_now: number): void {}

  freeze(): void {
    this.path.isFrozen = true
    this.#bundle.wake()
  }

  thaw(_now: number, fresh: boolean): void {
    this.path.isFrozen = false
    if (fresh) this.path.restart()
    else this.path.ask()
  }

  change(_now: number): void {
    this.path.restart()
  }

  retry(_now: number): void {
    this.path.ask()
  }

  finish(now: number): void {
    this.#whole.finish(now)
  }

  confirmEnd(now: number): void {
    this.#whole.confirmEnd(now)
  }

  /** The flow is over; the connection goes on without it. */
  destroy(): void {
    this.#bundle.leave(this.path)
    this.driver = undefined
  }
}
