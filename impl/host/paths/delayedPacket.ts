/** A packet in the delay queue. It holds its IPv6 addresses, and is handled again when its service is resolved. */
import { SYN } from '../../../spec/machines/flow/packets.ts'
import { NO_SERVICE } from '../../../spec/machines/resolution/reasons.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { kindOf } from '../../../spec/wire/kinds.ts'
import { hold, release } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { type SourceNetwork, sourceNetworkOf } from '../../link/sourceNetwork.ts'
import type { Delayed } from './delays.ts'

/** Handles packets that have waited. */
export interface Resumer {
  receiveAgain(from: Address, to: Address, bytes: Uint8Array, now: number): void
  /** The packet's service does not exist. */
  refuseAgain(ends: Ends, bytes: Uint8Array, now: number): void
}

/** The original sender of a packet, and the addresses it came from and to. */
export interface Ends {
  readonly origin: Address
  readonly from: Address
  readonly to: Address
}

export class DelayedPacket implements Delayed {
  readonly #resumer: Resumer
  readonly #bytes: Uint8Array
  readonly #ends: Ends
  /** Identifies a SYN: its repetitions differ in what they tell routers. Empty for a datagram. */
  readonly #syn: string
  readonly hasWaited: boolean
  readonly source: SourceNetwork

  constructor(resumer: Resumer, frame: Frame, ends: Ends, hasWaited: boolean) {
    this.hasWaited = hasWaited
    this.source = sourceNetworkOf(ends.origin)
    this.#resumer = resumer
    this.#bytes = frame.bytes
    this.#ends = ends
    const { srcFlow, nonceHigh, nonceLow, verno } = frame
    this.#syn = kindOf(frame) === SYN ? `${srcFlow} ${nonceHigh} ${nonceLow} ${verno}` : ''
    hold(ends.from)
    hold(ends.to)
  }

  resume(now: number): void {
    this.#resumer.receiveAgain(this.#ends.from, this.#ends.to, this.#bytes, now)
    this.#release()
  }

  /** Refuses a packet whose service does not exist. Any other failure is counted, and its sender may try again. */
  fail(reason: number, now: number): void {
    if (reason === NO_SERVICE) this.#resumer.refuseAgain(this.#ends, this.#bytes, now)
    this.#release()
  }

  #release(): void {
    release(this.#ends.from)
    release(this.#ends.to)
  }

  isSame(other: Delayed): boolean {
    if (!(other instanceof DelayedPacket) || other.#ends.from !== this.#ends.from) return false
    return this.#syn === ''
      ? Buffer.compare(other.#bytes, this.#bytes) === 0
      : this.#syn === other.#syn && this.#ends.origin === other.#ends.origin
  }
}
