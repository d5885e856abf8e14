/**
 * Proves that the end which accepted a flow holds the key of the flow's service. The key signs both flowIDs and both
 * nonces of the handshake, so the proof of one flow is useless in another: the client draws a new nonce for each. The
 * key also signs the address that the instance answers from. Therefore a host that relays packets between a client and
 * the real instance cannot answer from its own address. docs/services.md lists what a proof does not protect against.
 */
import { type KeyObject, sign } from 'node:crypto'
import type { Address } from '../../link/link.ts'
import type { Nonce } from '../flows/nonces.ts'
import { addressBytes, isSigned, keyMatches, publicKeyOf } from './certificate.ts'

/** Begins each proof: the mark of serviceIDs with a key, the version of the form, three zeros. */
const HEAD = Buffer.from('236b657901000000', 'hex')
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** All proofs have this length. */
export const PROOF_BYTES = HEAD.length + KEY_BYTES + SIGNATURE_BYTES

/** The length of a flow's name: the client's flowID and nonce, then the instance's. */
export const FLOW_BYTES = 24

/** Begins the signed bytes, so that a proof is never a valid certificate. */
const PURPOSE = Buffer.from('serval answer\n')

/** One end of a flow, as the handshake names it. */
export interface FlowEnd {
  readonly flowId: number
  readonly nonce: Nonce
}

/** Both ends of a flow. */
export interface FlowEnds {
  readonly client: FlowEnd
  readonly instance: FlowEnd
}

/** The values that a proof binds to the key. */
export interface Answered extends FlowEnds {
  /** 32 bytes. */
  readonly service: Uint8Array
}

/** Why a client rejects a proof. */
export type ProofFault =
  /** The bytes are not a proof: the peer speaks another protocol, or a later version of it. */
  | 'PROOF_FORM'
  /** The serviceID holds the hash of another key. */
  | 'PROOF_KEY'
  /** The key did not sign this flow at this address. */
  | 'PROOF_SIGNATURE'

/** Returns the proof for a flow that the instance answers from `address`. */
export const prove = (answered: Answered, address: Address, key: KeyObject): Uint8Array =>
  Buffer.concat([HEAD, publicKeyOf(key), sign(null, signedBytes(answered, address), key)])

/** Returns what is wrong with a proof, undefined for nothing. `addresses`: where the peer was since the handshake. */
export function proofFault(
  proof: Uint8Array,
  answered: Answered,
  addresses: readonly Address[],
): ProofFault | undefined {
  if (proof.length !== PROOF_BYTES || !HEAD.equals(proof.subarray(0, HEAD.length))) return 'PROOF_FORM'
  const publicKey = proof.subarray(HEAD.length, HEAD.length + KEY_BYTES)
  const signature = proof.subarray(HEAD.length + KEY_BYTES)
  if (!keyMatches(answered.service, publicKey)) return 'PROOF_KEY'
  const isProved = addresses.some(address =>
    isSigned(signedBytes(answered, address), { publicKey, signature }),
  )
  return isProved ? undefined : 'PROOF_SIGNATURE'
}

/** Returns the name of a flow, 24 bytes, big-endian. Only its two ends and hosts on the path know the nonces in it. */
export function flowBytes({ client, instance }: FlowEnds): Uint8Array {
  const bytes = Buffer.alloc(FLOW_BYTES)
  let at = 0
  for (const { flowId, nonce } of [client, instance])
    for (const word of [flowId, nonce.high, nonce.low]) at = bytes.writeUInt32BE(word, at)
  return bytes
}

/** Purpose; serviceID; the flow; the instance's address and port. Big-endian. */
function signedBytes(answered: Answered, address: Address): Uint8Array {
  return Buffer.concat([
    PURPOSE,
    answered.service,
    flowBytes(answered),
    addressBytes(address) ?? Buffer.alloc(0),
  ])
}
