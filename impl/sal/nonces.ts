/**
 * Nonces have 64 bits, and the machine only copies and compares them: a flow's machine is given the names below, and
 * the bits stay with the flow.
 */
import { createHmac } from 'node:crypto'

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
  const secret = new Uint8Array(SECRET_BYTES)
  random(secret)
  const id = new Uint8Array(4)
  const view = new DataView(id.buffer)
  return flowId => {
    view.setUint32(0, flowId)
    const digest = createHmac('sha256', secret).update(id).digest()
    return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) }
  }
}
