/**
 * The keys of connections, and the proofs made with them (RFC 8684, 3.2). An end's key follows from a secret and its flowID in the
 * first flow, so a flow that no other joins keeps nothing for it but the peer's key.
 */
import { hash } from 'node:crypto'
import type { AdvertLine } from '../../../spec/wire/negotiation.ts'
import type { Nonce } from '../flows/nonces.ts'

/** Returns this end's key of the connection that the flow with this flowID in this generation opens. */
export type KeyOf = (flowId: number, generation: number) => Nonce

/** The first byte that a MAC covers: which packet it is for. */
export const LABEL = { SYN: 1, SYNACK: 2, ACK: 3, ADVERT: 4, ECHO: 5 } as const

/** Both ends of a flow that joins. What the sender does not know yet is 0. */
export interface JoinEnds {
  readonly joinerNonce: Nonce
  readonly answererNonce: Nonce
  readonly joinerFlow: number
  readonly answererFlow: number
}

/** Of SHA-256. */
const BLOCK_BYTES = 64

export const NO_NONCE: Nonce = { high: 0, low: 0 }

/** Proves the keys of one connection in the packets of one of its ends. They prove nothing to that end itself. */
export class Keys {
  /** What both hashes of an HMAC begin with (RFC 2104, 2). */
  readonly #inner: Buffer
  readonly #outer: Buffer

  constructor(sender: Nonce, receiver: Nonce) {
    const key = bytesOf([sender.high, sender.low, receiver.high, receiver.low])
    this.#inner = Buffer.alloc(BLOCK_BYTES, 0x36)
    this.#outer = Buffer.alloc(BLOCK_BYTES, 0x5c)
    for (const [i, byte] of key.entries()) {
      this.#inner[i] = byte ^ 0x36
      this.#outer[i] = byte ^ 0x5c
    }
  }

  /** Returns the MAC of a packet of a handshake with these JOIN_ bits. */
  join(
    label: number,
    flags: number,
    { joinerNonce, answererNonce, joinerFlow, answererFlow }: JoinEnds,
  ): Nonce {
    const nonces = [joinerNonce.high, joinerNonce.low, answererNonce.high, answererNonce.low]
    return this.#mac(label, bytesOf([flags, ...nonces, joinerFlow, answererFlow]))
  }

  /** Returns the MAC of an advertisement that the owner of `flow` sends. */
  advert(flow: number, version: number, lines: readonly AdvertLine[]): Nonce {
    const words = lines.flatMap(({ kind, wishes, port, word }) => [
      (kind << 24) | (wishes << 16) | port,
      word,
    ])
    return this.#mac(LABEL.ADVERT, bytesOf([flow, version, ...words]))
  }

  /** Returns the MAC of an echo that the owner of `flow` sends. */
  echo(flow: number, version: number): Nonce {
    return this.#mac(LABEL.ECHO, bytesOf([flow, version]))
  }

  /** HMAC-SHA-256. Anybody can make an end verify one, and `createHmac` takes 8 times as long as two hashes. */
  #mac(label: number, covered: Buffer): Nonce {
    const inner = hash('sha256', Buffer.concat([this.#inner, Uint8Array.of(label), covered]), 'buffer')
    const digest = hash('sha256', Buffer.concat([this.#outer, inner]), 'buffer')
    return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) }
  }
}

export const sameMac = (a: Nonce, b: Nonce): boolean => a.high === b.high && a.low === b.low

function bytesOf(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length)
  for (const [i, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, 4 * i)
  return bytes
}
