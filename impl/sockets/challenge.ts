/** How a client verifies that its peer holds the key of the service (proving.ts). The socket connects after that. */
import type { Flow } from '../host/flows/flow.ts'
import { RTO_INITIAL_MS } from '../host/flows/rtt.ts'
import { FLOW_BYTES, PROOF_BYTES, proofFault } from '../host/services/proof.ts'
import { isCertified } from '../host/services/serviceId.ts'
import { DatagramTransport } from '../transport/datagram.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { Driver } from './driver.ts'
import { answeredOf, ProofMessages } from './proving.ts'

/** How long a client waits for the proof after the handshake, ms: enough for several retransmissions and a move. */
export const PROOF_LIMIT_MS = 30_000

/** A client's wait for the proof. */
export interface Challenge {
  /** True if the peer's proof is wrong, or none can arrive any more. */
  readonly hasFailed: boolean

  /** Reads what has arrived, up to the end of the proof. Returns true if the peer has proved the key. */
  isMet(): boolean

  /**
   * Asks for the proof, if the transport needs a question. Returns the time until the next call, ms, or undefined to
   * give up.
   */
  ask(): number | undefined
}

/** Returns a function that verifies proofs for a flow whose handshake is complete. */
function verifierOf(flow: Flow): (proof: Uint8Array) => boolean {
  const answered = answeredOf(flow)
  const answeredFrom = flow.peer
  return proof => proofFault(proof, answered, [...new Set([answeredFrom, flow.peer])]) === undefined
}

class StreamChallenge implements Challenge {
  readonly #verifies: (proof: Uint8Array) => boolean
  readonly #stream: Stream
  readonly #proof = new Uint8Array(PROOF_BYTES)
  #length = 0
  #isRejected = false
  #isWaiting = false

  constructor(flow: Flow) {
    this.#verifies = verifierOf(flow)
    this.#stream = flow.transport as Stream
  }

  get hasFailed(): boolean {
    return this.#isRejected || this.#stream.peerFinished
  }

  isMet(): boolean {
    this.#length += this.#stream.readInto(this.#proof.subarray(this.#length))
    if (this.#length < PROOF_BYTES || this.#isRejected) return false
    this.#isRejected = !this.#verifies(this.#proof)
    return !this.#isRejected
  }

  /** The instance sends the proof without a question, and the stream retransmits it. */
  ask(): number | undefined {
    if (this.#isWaiting) return undefined
    this.#isWaiting = true
    return PROOF_LIMIT_MS
  }
}

class DatagramChallenge implements Challenge {
  hasFailed = false
  readonly #verifies: (proof: Uint8Array) => boolean
  readonly #messages: ProofMessages
  readonly #transport: DatagramTransport
  readonly #driver: Driver
  /** The time between two questions; doubles each time. */
  #waitMs: number
  #leftMs = PROOF_LIMIT_MS

  constructor(flow: Flow, transport: DatagramTransport, driver: Driver) {
    this.#verifies = verifierOf(flow)
    this.#messages = new ProofMessages(answeredOf(flow))
    this.#transport = transport
    this.#driver = driver
    // A handshake that lost packets ends with a long timeout, which would leave time for too few questions.
    this.#waitMs = Math.min(flow.retransmission.timeoutMs, RTO_INITIAL_MS)
  }

  /** An instance sends nothing else before its proof: other messages are dropped and counted. */
  isMet(): boolean {
    for (;;) {
      const message = this.hasFailed ? undefined : this.#transport.read()
      if (message === undefined) return false
      if (this.#messages.has(message)) {
        this.hasFailed = !this.#verifies(message.subarray(FLOW_BYTES))
        return !this.hasFailed
      }
      this.#driver.host.counters.unproved++
    }
  }

  ask(): number | undefined {
    if (this.#leftMs === 0) return undefined
    const waitMs = Math.min(this.#waitMs, this.#leftMs)
    this.#leftMs -= waitMs
    this.#waitMs *= 2
    this.#transport.write(this.#messages.question)
    this.#driver.kick()
    return waitMs
  }
}

/** Returns the challenge for a flow that this end opened, or undefined if the service has no key. */
export function challengeOf(flow: Flow, driver: Driver): Challenge | undefined {
  const { service, transport } = flow
  if (!isCertified(service)) return undefined
  return transport instanceof DatagramTransport
    ? new DatagramChallenge(flow, transport, driver)
    : new StreamChallenge(flow)
}
