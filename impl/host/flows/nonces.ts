/**
 * Nonces have 64 bits, and the machine only copies and compares them. A flow's machine works with the names below, and
 * the flow keeps the bits.
 */

export const OWN_NONCE = 1
export const PEER_NONCE = 2
/** The current packet's nonce, if it is neither end's as far as the flow knows. */
export const OTHER_NONCE = 3
/** Not a nonce: the peer's reset token, which a RST carries in place of one. */
export const PEER_TOKEN = 4

/** 64 bits. */
export interface Nonce {
  readonly high: number
  readonly low: number
}

/**
 * Returns the nonce of the flow with this flowID in this generation. The host computes it from a secret, so it can
 * still answer for an ended flow (invariant 2), and nobody else can guess it (invariant 11).
 */
export type NonceOf = (flowId: number, generation: number) => Nonce
