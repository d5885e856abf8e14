/** Counts of events in a stream since it began, which never decrease, and its current state. */
import type { Exchange } from './exchange.ts'

/** Counters that stay 0 in most streams. */
export class Unusual {
  segmentsRepeated = 0
  bytesRepeated = 0
  /** Timeouts that expired, and probes for a lost tail. */
  timeouts = 0
  tailProbes = 0
  windowProbes = 0
  /** Probes for longer segments. */
  sizeProbes = 0
  /** Loss recoveries that reduced the window, and how many of them were undone. */
  recoveries = 0
  spuriousRecoveries = 0
  /** Segments that the peer reported as duplicates. */
  duplicatesReported = 0
  /** Segments that arrived again, lay outside the window, or began before the expected position. */
  duplicatesReceived = 0
  outOfOrder = 0
  outOfWindow = 0
  /** Dropped: not a segment, or one without meaning in a flow (SYN, RST, no ACK). */
  malformed = 0
  /** Dropped: an acknowledgment of bytes never sent, or invalid SACK blocks. */
  wrongAcknowledgments = 0
  /** Dropped: older than its predecessors (PAWS), or without the agreed timestamp. */
  wrongTimestamps = 0
  /** Times that the peer took back window that it had offered. */
  shrunkWindows = 0
  /** Dropped: too many ranges wait, or the FIN contradicts received bytes. */
  refused = 0
}

const NOTHING_UNUSUAL: Readonly<Unusual> = new Unusual()

export class Counters {
  segmentsSent = 0
  segmentsReceived = 0
  /** Bytes of the stream, each counted once. */
  bytesSent = 0
  /** Bytes that arrived in order. */
  bytesReceived = 0
  #unusual: Unusual | undefined

  /** Created on first use, because most streams count nothing here. */
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

/** The counters, and the current state. */
export interface StreamStatistics extends Counted {
  /** -1 before the first measurement. */
  readonly roundTripMs: number
  readonly leastRoundTripMs: number
  readonly timeoutMs: number
  /** The size of a full segment: what the path is known to carry. */
  readonly segmentBytes: number
  /** What TCP options take of each segment besides. */
  readonly optionBytes: number
  readonly congestionWindow: number
  /** Infinity until the first loss. */
  readonly slowStartThreshold: number
  readonly inFlight: number
  readonly peerWindow: number
  readonly receiveWindow: number
}

/** Returns what one flow counts, and its state. */
export function statisticsOf({ outbound, inbound, counters }: Exchange): StreamStatistics {
  const { roundTrip, cubic } = outbound
  return {
    ...counters.all,
    roundTripMs: roundTrip.smoothedMs,
    leastRoundTripMs: roundTrip.leastMs,
    timeoutMs: roundTrip.timeoutMs,
    segmentBytes: outbound.mss,
    optionBytes: outbound.optionBytes,
    congestionWindow: cubic.window,
    slowStartThreshold: cubic.threshold,
    inFlight: outbound.flight?.segments.flight ?? 0,
    peerWindow: Math.max(0, outbound.edge - outbound.una),
    receiveWindow: inbound.window.limit,
  }
}
