/** Every bound of a stream, with its reason. Bytes, counts and ms. */

/** What a peer that names no MSS takes (RFC 9293, 3.7.1). */
export const UNNAMED_MSS = 536
/** A peer that asks for less would make headers of nearly all that is sent. Linux has the same. */
export const LEAST_MSS = 88
/** What fits an Ethernet frame after IPv4, UDP, SAL's 12 bytes and the TCP header in it. */
export const DEFAULT_MSS = 1500 - 20 - 8 - 12 - 20

/** Bytes of a timestamps option, padded: every segment has it once both ends want it. */
export const TIMESTAMP_BYTES = 12

/** Written and not yet sent, above which `write` says false: some ms at 1 Gb/s. What is in flight does not count. */
export const SEND_HIGH_WATER = 256 * 1024
/** In flight, whatever the peer's window: more than twice what 1 Gb/s needs at 20 ms. */
export const MOST_FLIGHT = 8 * 1024 * 1024
/** Segments in flight: MOST_FLIGHT in segments of half a KiB. Memory for each is 29 bytes. */
export const MOST_SEGMENTS = 16_384

/** The receive window at first, and what it grows to for a reader that keeps up: 1 Gb/s at 30 ms. */
export const FIRST_WINDOW = 64 * 1024
export const MOST_WINDOW = 4 * 1024 * 1024
/**
 * Separate runs of bytes that wait for what is missing before them: more than when every second full segment of
 * MOST_WINDOW is missing. Beyond, a segment is dropped, and comes again. Memory for each is 16 bytes.
 */
export const MOST_RANGES = 2048

/** Storage for bytes: the first piece is small for streams that say little, each further one doubles. */
export const LEAST_PIECE = 2048
/** A piece is a typed array with its buffer, and an entry in a list; so much of the heap they take. */
export const PIECE_OVERHEAD = 300
export const MOST_PIECE = 64 * 1024
/** A byte beyond a gap costs a whole piece, so there pieces are no larger. Twelve segments fill one. */
export const MOST_PIECE_AHEAD = 16 * 1024

/** RFC 6298, with the prototype's least and most. */
export const RTO_INITIAL_MS = 1000
/** After a SYN was repeated and nothing was measured: the path may be slow (RFC 6298, 5.7). */
export const RTO_AFTER_REPEAT_MS = 3000
export const RTO_LEAST_MS = 200
export const RTO_MOST_MS = 120_000
/** Between questions for the peer's window. Less than RTO_MOST_MS, because the answer is waited for. */
export const PERSIST_MOST_MS = 60_000
/** Of the clock that `now` comes from: timers of the platform have whole milliseconds (RFC 6298, 2: G). */
export const GRANULARITY_MS = 1

/** RFC 9293, 3.8.6.3 allows 500 ms. What the prototype was seen to wait. */
export const ACK_DELAY_MS = 40
/**
 * Between answers to segments that bring nothing and may be forged (RFC 5961, 7): ten in a second are enough for a peer
 * that asks in earnest, and little for an attacker or two confused ends.
 */
export const ANSWER_GAP_MS = 100
/**
 * Segments that are acknowledged at once when a flow begins, or begins again after such a rest: the peer's window is small
 * then, and grows with acknowledgments. The rest is that after which a peer tries out its window anew, at least its
 * timeout. The count is Linux's.
 */
export const QUICK_ACKS = 16
export const QUICK_IDLE_MS = RTO_LEAST_MS

/** RFC 6928. */
export const INITIAL_SEGMENTS = 10

/**
 * The longest that a peer holds an acknowledgment back (RFC 8985, 7.2: TLP.max_ack_delay), with some for its timer. Peers
 * of this protocol wait for 40 ms.
 */
export const PEER_ACK_DELAY_MS = 50
/** A probe for a lost tail waits at least so long: less is the noise of timers and schedulers. */
export const LEAST_PROBE_MS = 10

/** What leaves at once: so many segments, or what the rate brings in this time, whichever is more. */
export const BURST_SEGMENTS = 32
export const BURST_MS = 2
