/** What happened in a stream, from its beginning on. Only ever counted up. */

/** What most streams never see. */
export class Unusual {
  segmentsRepeated = 0
  bytesRepeated = 0
  /** Timeouts that passed in vain, and probes for the loss of a tail. */
  timeouts = 0
  tailProbes = 0
  windowProbes = 0
  /** Times that segments were found to be lost and the window was made smaller, and how often that was taken back. */
  recoveries = 0
  spuriousRecoveries = 0
  /** Segments that the peer says came twice. */
  duplicatesReported = 0
  /** Came again, or wholly outside the window, or before what is missing. */
  duplicatesReceived = 0
  outOfOrder = 0
  outOfWindow = 0
  /** Dropped: no segment, or one that means nothing in a flow (SYN, RST, no ACK). */
  malformed = 0
  /** Dropped: an acknowledgment of what was not sent, or blocks that make no sense. */
  wrongAcknowledgments = 0
  /** Dropped: older than what came before (PAWS), or without the timestamp that was agreed on. */
  wrongTimestamps = 0
  /** The peer took back window that it had offered. */
  shrunkWindows = 0
  /** Dropped: more runs of bytes wait than may, or an end where there is none. */
  refused = 0
}

const NOTHING_UNUSUAL: Readonly<Unusual> = new Unusual()

export class Counters {
  segmentsSent = 0
  segmentsReceived = 0
  /** Of the stream, each byte once. */
  bytesSent = 0
  /** In order, so that they can be read. */
  bytesReceived = 0
  #unusual: Unusual | undefined

  /** Made when it is asked for: only who counts does. */
  get unusual(): Unusual {
    this.#unusual ??= new Unusual()
    return this.#unusual
  }

  get all(): Counted {
    const { segmentsSent, segmentsReceived, bytesSent, bytesReceived } = this
    const unusual = this.#unusual ?? NOTHING_UNUSUAL
    return { segmentsSent, segmentsReceived, bytesSent, bytesReceived, ...unusual }
  }
}

export type Counted = Readonly<Omit<Counters, 'unusual' | 'all'> & Unusual>

/** The counters, and what is so at the moment. */
export interface StreamStatistics extends Counted {
  /** -1 before it was measured. */
  readonly roundTripMs: number
  readonly leastRoundTripMs: number
  readonly timeoutMs: number
  readonly congestionWindow: number
  /** Infinity until something was lost. */
  readonly slowStartThreshold: number
  readonly inFlight: number
  readonly peerWindow: number
  readonly receiveWindow: number
}
