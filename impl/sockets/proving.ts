/**
 * How an instance proves the key of its service (impl/host/services/proof.ts) when a flow begins. challenge.ts is the
 * client's side.
 *
 * In a stream the instance writes the proof before its first byte. Datagrams get lost, so there the client asks for the
 * proof until it arrives. A question and its answer have the same length, and both begin with the name of the flow. An
 * attacker off the path does not know that name. Therefore no forged message costs a signature or ends a flow, and no
 * message of the application is mistaken for one of these.
 */

import type { KeyObject } from 'node:crypto'
import { must } from '../../checker/text/at.ts'
import type { Flow } from '../host/flows/flow.ts'
import { type Answered, FLOW_BYTES, flowBytes, PROOF_BYTES, prove } from '../host/services/proof.ts'
import { isCertified } from '../host/services/serviceId.ts'
import type { DatagramTransport } from '../transport/datagram.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { ServiceKeys } from './serviceKeys.ts'

/**
 * Returns the values that the proof of a flow covers. Call it after the handshake, when both ends know each other's
 * nonces.
 */
export function answeredOf({ service, id, nonce, state, peerNonce, listener }: Flow): Answered {
  const here = { flowId: id, nonce }
  const there = { flowId: must(state.peerFlow) >>> 0, nonce: peerNonce }
  return listener === undefined
    ? { service, client: here, instance: there }
    : { service, client: there, instance: here }
}

/** True if the service of an accepted flow has a key that the stack lacks. */
export const lacksKey = (keys: ServiceKeys, { service }: Flow): boolean =>
  isCertified(service) && keys.of(service) === undefined

/** Writes the proof to an accepted stream. Returns false if the stack lacks the service's key. */
export function sendProof(keys: ServiceKeys, flow: Flow): boolean {
  const key = keys.of(flow.service)
  if (key !== undefined) (flow.transport as Stream).write(prove(answeredOf(flow), flow.local, key))
  return !lacksKey(keys, flow)
}

/** The messages of one flow of datagrams that ask for its proof or carry it. */
export class ProofMessages {
  /** As long as a proof, so that an answer is never longer than its question. */
  readonly question: Uint8Array
  readonly #flow: Uint8Array

  constructor(answered: Answered) {
    this.#flow = flowBytes(answered)
    this.question = this.answer(new Uint8Array(PROOF_BYTES))
  }

  answer(proof: Uint8Array): Uint8Array {
    return Buffer.concat([this.#flow, proof])
  }

  /** True if a message is one of these rather than the application's. */
  has(message: Uint8Array): boolean {
    if (message.length !== FLOW_BYTES + PROOF_BYTES) return false
    for (let at = 0; at < FLOW_BYTES; at++) if (message[at] !== this.#flow[at]) return false
    return true
  }
}

/** Answers questions for the proof in one accepted flow of datagrams. Signs once, at the first question. */
export class Prover {
  readonly #transport: DatagramTransport
  readonly #messages: ProofMessages
  readonly #sign: () => Uint8Array
  #answer: Uint8Array | undefined

  constructor(flow: Flow, key: KeyObject) {
    const answered = answeredOf(flow)
    // Clients accept the address at which the flow began, even if it has moved before the first question.
    const { local } = flow
    this.#transport = flow.transport as DatagramTransport
    this.#messages = new ProofMessages(answered)
    this.#sign = () => prove(answered, local, key)
  }

  /** Answers a message that asks for the proof. Returns false for a message of the application. */
  takes(message: Uint8Array): boolean {
    if (!this.#messages.has(message)) return false
    this.#answer ??= this.#messages.answer(this.#sign())
    this.#transport.write(this.#answer)
    return true
  }
}
