/**
 * Stateless answers to SYNs (RFC 4987, 3.6): flowID, nonce, version and the transport's mask are a keyed hash of the
 * SYN and the time. The client's ACK carries flowID and version, and the host recognizes them by computing the hash
 * again. If the nonce followed from the flowID alone, a flood of SYNs could collect the nonces of later flows.
 */
import { hash } from 'node:crypto'
import type { Frame } from '../../../spec/wire/frame.ts'
import { ipOf, ipv6Of, portOf } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { FlowIdSource } from './flowIds.ts'
import type { Nonce } from './nonces.ts'

/** An answer is valid in its epoch and the next: for 16 to 32 s, in which a client repeats its ACK six times. */
export const EPOCH_MS = 16_000
/** An answer that is this old is no longer valid. */
export const VALID_MS = 2 * EPOCH_MS

const SERVICE_BYTES = 32
const IPV4_PREFIX = 0xffff

/** The fields of a SYN-ACK that this host chooses. */
export interface StatelessAnswer {
  readonly flow: number
  readonly nonce: Nonce
  readonly verno: number
  /** 32 bits for the transport. */
  readonly mask: number
}

export class Answers {
  readonly #ids: FlowIdSource
  readonly #input: Buffer
  readonly #at: number
  #latest = -Infinity

  constructor(secret: Buffer, ids: FlowIdSource) {
    this.#ids = ids
    this.#at = secret.length
    // Address 16, port 2, protocol 2, flowID 4, nonce 8, verno 4, epoch 4, service.
    this.#input = Buffer.concat([secret, Buffer.alloc(40 + SERVICE_BYTES)])
  }

  /** Returns the answer to the SYN in the frame, which `from` sent. */
  answerTo(frame: Frame, from: Address, now: number): StatelessAnswer {
    this.#latest = now
    this.#identify(frame, from, frame.verno)
    return this.#answerOf(epochAt(now))
  }

  /** True if an answer may still be confirmed. */
  areOut(now: number): boolean {
    return now - this.#latest < VALID_MS
  }

  /** Returns the answer that the ACK in the frame acknowledges, or undefined if that is no valid answer. */
  answerBefore(frame: Frame, from: Address, now: number): StatelessAnswer | undefined {
    this.#identify(frame, from, frame.verno - 1)
    const epoch = epochAt(now)
    return this.#acknowledged(epoch, frame) ?? this.#acknowledged(epoch - 1, frame)
  }

  #acknowledged(epoch: number, { dstFlow, ackno }: Frame): StatelessAnswer | undefined {
    const answer = this.#answerOf(epoch)
    return answer.flow === dstFlow && (answer.verno + 1) >>> 0 === ackno ? answer : undefined
  }

  /** Collects everything that identifies a SYN, and its service. All inputs are equally long, so no HMAC is needed. */
  #identify(frame: Frame, from: Address, verno: number): void {
    const input = this.#input
    const at = this.#at
    const ipv6 = ipv6Of(from)
    input.fill(0, at, at + 16)
    if (ipv6 !== undefined) input.set(ipv6, at)
    else {
      input.writeUInt32BE(IPV4_PREFIX, at + 8)
      input.writeUInt32BE(ipOf(from), at + 12)
    }
    input.writeUInt16BE(portOf(from), at + 16)
    input.writeUInt16BE(frame.protocol, at + 18)
    input.writeUInt32BE(frame.srcFlow, at + 20)
    input.writeUInt32BE(frame.nonceHigh, at + 24)
    input.writeUInt32BE(frame.nonceLow, at + 28)
    input.writeUInt32BE(verno >>> 0, at + 32)
    input.set(frame.bytes.subarray(frame.service, frame.service + SERVICE_BYTES), at + 40)
  }

  #answerOf(epoch: number): StatelessAnswer {
    this.#input.writeUInt32BE(epoch >>> 0, this.#at + 36)
    const digest = hash('sha256', this.#input, 'buffer')
    return {
      flow: this.#ids.derived(digest.readUInt32BE(0) >>> 1),
      nonce: { high: digest.readUInt32BE(12), low: digest.readUInt32BE(16) },
      verno: digest.readUInt32BE(4),
      mask: digest.readUInt32BE(8),
    }
  }
}

const epochAt = (now: number): number => Math.floor(now / EPOCH_MS)
