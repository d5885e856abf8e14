/** A packet in the delay queue. It holds its IPv6 addresses, and is handled again when its service is resolved. */
import type { Frame } from '../../../spec/wire/frame.ts'
import { hold, release } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { type Source, sourceOf } from '../../link/source.ts'
import type { Delayed } from './delays.ts'

/** Handles packets that have waited. */
export interface Resumer {
  receiveAgain(from: Address, to: Address, bytes: Uint8Array, now: number): void
}

/** The original sender of a packet, and the addresses it came from and to. */
interface Ends {
  readonly origin: Address
  readonly from: Address
  readonly to: Address
}

export class DelayedPacket implements Delayed {
  readonly #resumer: Resumer
  readonly #bytes: Uint8Array
  readonly #from: Address
  readonly #to: Address
  readonly hasWaited: boolean
  readonly source: Source

  constructor(resumer: Resumer, { bytes }: Frame, { origin, from, to }: Ends, hasWaited: boolean) {
    this.hasWaited = hasWaited
    this.source = sourceOf(origin)
    this.#resumer = resumer
    this.#bytes = bytes
    this.#from = from
    this.#to = to
    hold(from)
    hold(to)
  }

  resume(now: number): void {
    this.#resumer.receiveAgain(this.#from, this.#to, this.#bytes, now)
    this.#release()
  }

  /** Does nothing: the host counts it, and its sender may try again. */
  fail(): void {
    this.#release()
  }

  #release(): void {
    release(this.#from)
    release(this.#to)
  }

  isSame(other: Delayed): boolean {
    return (
      other instanceof DelayedPacket &&
      other.#from === this.#from &&
      Buffer.compare(other.#bytes, this.#bytes) === 0
    )
  }
}
