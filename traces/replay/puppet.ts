/** A scripted transport: it sends one packet of data, or ends, on request. */
import type { Transport, TransportDriver } from '../../impl/transport/transport.ts'
import { encodeDatagramHeader } from '../../spec/wire/datagram.ts'
import { CONTROL_BYTES, PROTOCOL_DATAGRAM } from '../../spec/wire/format.ts'

/** As long as a RST, because a host sends no RST that is longer than the data packet that it answers. */
const PAYLOAD_BYTES = CONTROL_BYTES

export class Puppet implements Transport {
  readonly protocol = PROTOCOL_DATAGRAM
  readonly buffered = 0
  finished = false
  peerFinished = false
  readonly hasHeardEnd = true
  driver: TransportDriver | undefined
  #say: number | undefined

  /** Sends one data packet that carries this number (0 to 255). */
  say(number: number): void {
    this.#say = number
    this.driver?.wake()
  }

  /** Ends both directions, so that SAL may close the flow. */
  end(): void {
    this.finished = true
    this.peerFinished = true
    this.driver?.wake()
  }

  writeHandshake(_kind: number, out: Uint8Array, at: number): number {
    return encodeDatagramHeader(0, out, at)
  }

  readHandshake(): boolean {
    return true
  }

  readUnkept(): boolean {
    return true
  }

  receive(): void {}

  send(out: Uint8Array, at: number): number {
    if (this.#say === undefined) return at
    const payload = encodeDatagramHeader(PAYLOAD_BYTES, out, at)
    const end = payload + PAYLOAD_BYTES
    out.fill(0, payload, end)
    out[payload] = this.#say
    this.#say = undefined
    return end
  }

  nextTimeout(): number {
    return Number.POSITIVE_INFINITY
  }

  expire(): void {}
  freeze(): void {}
  thaw(): void {}
  change(): void {}
  retry(): void {}
  finish(): void {}
  confirmEnd(): void {}
  destroy(): void {}
}
