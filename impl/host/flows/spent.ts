/**
 * Replaces a transport that has delivered everything in both directions. It keeps the protocol number for the flow's
 * packets.
 */
import type { Transport } from '../../transport/transport.ts'

class Spent implements Transport {
  readonly protocol: number
  readonly finished = true
  readonly peerFinished = true
  readonly hasHeardEnd = true
  readonly buffered = 0
  readonly driver = undefined

  constructor(protocol: number) {
    this.protocol = protocol
  }

  writeHandshake(_kind: number, _out: Uint8Array, at: number): number {
    return at
  }

  readHandshake(): boolean {
    return false
  }

  readUnkept(): boolean {
    return false
  }

  send(_out: Uint8Array, at: number): number {
    return at
  }

  nextTimeout(): number {
    return Number.POSITIVE_INFINITY
  }

  receive(): void {}
  expire(): void {}
  freeze(): void {}
  thaw(): void {}
  change(): void {}
  retry(): void {}
  finish(): void {}
  confirmEnd(): void {}
  destroy(): void {}
}

const spent = new Map<number, Transport>()

/** Returns the one instance for all flows of a protocol. */
export function spentTransport(protocol: number): Transport {
  const known = spent.get(protocol) ?? new Spent(protocol)
  spent.set(protocol, known)
  return known
}
