/**
 * Reset tokens (RFC 9000, 10.3): what a host tells its peer for the RST that it sends when it has forgotten the flow. A token
 * follows from a secret and both flowIDs, so a host that restarts with the same secret can still prove a RST. It is no
 * nonce: a host that learns one can end that flow and do nothing else.
 */
import { hash } from 'node:crypto'
import { keyedHash } from '../random/keyedHash.ts'
import type { Nonce } from './nonces.ts'

/** Returns the token of a flow with this flowID, the host's own, and its peer's. */
export type TokenOf = (flowId: number, peerFlowId: number) => Nonce

/** `secret` must be this host's alone: another host with the same one would tell the tokens of its flows. */
export function resetTokens(secret: Uint8Array): TokenOf {
  const key = hash('sha256', Buffer.concat([Buffer.from('serval reset tokens'), secret]), 'buffer')
  return keyedHash(key)
}
