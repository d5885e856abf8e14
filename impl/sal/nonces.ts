/**
 * Nonces have 64 bits, and the machine only copies and compares them: a flow's machine is given the names below, and
 * the bits stay with the flow.
 */
import { hash } from 'node:crypto'

export const OWN_NONCE = 1
export const PEER_NONCE = 2
/** Of the packet at hand, and of neither end as far as the flow knows. */
export const OTHER_NONCE = 3

const SECRET_BYTES = 32

/** 64 bits. */
export interface Nonce {
  readonly high: number
  readonly low: number
}

/**
 * The nonce that a host gives to the flow with this flowID. It follows from a secret of the host's, so that a host can
 * still answer for a flow that is gone (invariant 2) while nobody else can guess it (invariant 11).
 */
export type NonceOf = (flowId: number) => Nonce

/** `random` is asked for the secret, once. */
export function nonces(random: (bytes: Uint8Array) => void): NonceOf {
  const input = new Uint8Array(SECRET_BYTES + 4)
  random(input.subarray(0, SECRET_BYTES))
  const view = new DataView(input.buffer)
  return flowId => {
    view.setUint32(SECRET_BYTES, flowId)
    // All inputs are equally long, and most of the digest is not shown: nothing can be appended, and it needs no HMAC.
    const digest = hash('sha256', input, 'buffer')
    return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) }
  }
}
