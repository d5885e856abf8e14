/**
 * How a stream to a service with a key begins: the instance sends a proof of the key (impl/sal/proof.ts) before its
 * first byte, and the client's socket connects once it has verified that proof. Streams to plain names are unchanged.
 */
import type { Address } from '../link/link.ts'
import type { Flow } from '../sal/flow.ts'
import { type Answered, PROOF_BYTES, type ProofFault, proofFault, prove } from '../sal/proof.ts'
import { isCertified } from '../sal/serviceId.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { ServiceKeys } from './serviceKeys.ts'

/** How long a client waits for the proof after the handshake, ms: several retransmissions, and a move, fit in. */
export const PROOF_LIMIT_MS = 30_000

const here = ({ id, nonce }: Flow) => ({ flowId: id, nonce })
const there = ({ state, peerNonce }: Flow) => ({ flowId: state.peerFlow! >>> 0, nonce: peerNonce })

/** Writes the proof to an accepted flow. False: the service has a key, and the stack lacks it. */
export function sendProof(keys: ServiceKeys, flow: Flow): boolean {
  if (!isCertified(flow.service)) return true
  const key = keys.of(flow.service)
  if (key === undefined) return false
  const answered: Answered = { service: flow.service, client: there(flow), instance: here(flow) }
  const { transport } = flow
  ;(transport as Stream).write(prove(answered, flow.local, key))
  return true
}

/** A client's wait for the proof. */
export class Challenge {
  /** Undefined until the proof is rejected. */
  fault: ProofFault | undefined
  readonly #flow: Flow
  readonly #answered: Answered
  readonly #proof = new Uint8Array(PROOF_BYTES)
  /** Where the peer answered from first. */
  readonly #answeredFrom: Address
  #length = 0

  constructor(flow: Flow) {
    this.#flow = flow
    this.#answered = { service: flow.service, client: here(flow), instance: there(flow) }
    this.#answeredFrom = flow.peer
  }

  /** Reads as much of the proof as has arrived, and no byte after it. True: the peer has proved the key. */
  isMet(): boolean {
    const { transport, peer } = this.#flow
    this.#length += (transport as Stream).readInto(this.#proof.subarray(this.#length))
    if (this.#length < PROOF_BYTES || this.fault !== undefined) return false
    this.fault = proofFault(this.#proof, this.#answered, [...new Set([this.#answeredFrom, peer])])
    return this.fault === undefined
  }
}

/** Returns the challenge for a stream that this end opened; undefined where nothing has to be proved. */
export const challengeOf = (flow: Flow): Challenge | undefined =>
  isCertified(flow.service) ? new Challenge(flow) : undefined
