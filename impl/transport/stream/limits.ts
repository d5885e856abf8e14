/** Every limit of a stream, with its reason. In bytes, counts and ms. */

/** The MSS of a peer that names none (RFC 9293, 3.7.1). */
export const UNNAMED_MSS = 536
/** Below this, headers would be most of what is sent. Linux uses the same minimum. */
export const LEAST_MSS = 88
/** The payload of an Ethernet frame after IPv4, UDP, SAL's 12 bytes and the inner TCP header. */
export const DEFAULT_MSS = 1500 - 20 - 8 - 12 - 20

/**
 * The largest segment that passes every path: a packet of 1280 bytes (RFC 8200, 5; about the base of RFC 8899, 5.1.2) after IPv6,
 * UDP, SAL's 12 bytes and the inner TCP header.
 */
export const BASE_MSS = 1280 - 40 - 8 - 12 - 20
/** For IPv4 paths that carry less: a packet of 576 bytes (RFC 1122, 3.3.3) after the same headers. */
export const FLOOR_MSS = 576 - 40 - 8 - 12 - 20
/** Sizes worth a try: packets of 9000 bytes (jumbo frames), 1500 (Ethernet), 1492 (PPPoE), 1420 and 1400 (tunnels), 1280. */
export const COMMON_MSS = [9000, 1500, 1492, 1420, 1400, 1280].map(bytes => bytes - 40 - 8 - 12 - 20)
/** MAX_PROBES of RFC 8899, 5.1.2: fewer would mistake losses for a small MTU. */
export const PROBES_PER_SIZE = 3
/** PMTU_RAISE_TIMER of RFC 8899, 5.1.1. */
export const RAISE_MS = 600_000

/** A timestamps option with padding: every segment carries one once both ends agree on it. */
export const TIMESTAMP_BYTES = 12

/** `write` returns false above this many unsent bytes: some ms at 1 Gb/s. Bytes in flight do not count. */
export const SEND_HIGH_WATER = 256 * 1024
/** The most bytes in flight, whatever the peer's window: more than twice what 1 Gb/s needs at 20 ms. */
export const MOST_FLIGHT = 8 * 1024 * 1024
/** The most segments in flight: MOST_FLIGHT in segments of half a KiB. Each takes 29 bytes of memory. */
export const MOST_SEGMENTS = 16_384

/** The initial receive window, and its maximum for a reader that keeps up: 1 Gb/s at 30 ms. */
export const FIRST_WINDOW = 64 * 1024
export const MOST_WINDOW = 4 * 1024 * 1024
/**
 * The most separate ranges beyond a gap: more than if every second full segment of MOST_WINDOW were missing. A segment
 * beyond the limit is dropped, and retransmitted by the peer. Each range takes 16 bytes of memory.
 */
export const MOST_RANGES = 2048

/** Sizes of memory pieces: the first is small, because many streams carry little; each further one is twice as long. */
export const LEAST_PIECE = 2048
/** Heap bytes for each piece: a typed array, its buffer, and an entry in a list. */
export const PIECE_OVERHEAD = 300
export const MOST_PIECE = 64 * 1024
/** One byte beyond a gap can occupy a whole piece, so pieces there are at most this long: twelve segments. */
export const MOST_PIECE_AHEAD = 16 * 1024

/** RFC 6298, with the prototype's minimum and maximum. */
export const RTO_INITIAL_MS = 1000
/** After a SYN was retransmitted and no round trip was measured, the path may be slow (RFC 6298, 5.7). */
export const RTO_AFTER_REPEAT_MS = 3000
export const RTO_LEAST_MS = 200
export const RTO_MOST_MS = 120_000
/** The longest interval between window probes. Below RTO_MOST_MS, because each probe is answered. */
export const PERSIST_MOST_MS = 60_000
/** The granularity of the clock behind `now`: the platform's timers have whole milliseconds (G in RFC 6298, 2). */
export const GRANULARITY_MS = 1

/** The prototype's observed delay. RFC 9293, 3.8.6.3 allows 500 ms. */
export const ACK_DELAY_MS = 40
/**
 * The interval between answers to segments that bring nothing and may be forged (RFC 5961, 7). Ten per second are
 * enough for an honest peer, and of little use to an attacker or two confused ends.
 */
export const ANSWER_GAP_MS = 100
/**
 * The number of segments acknowledged immediately when a flow begins or resumes, because the peer's window is small
 * then and grows with acknowledgments; Linux uses the same number. A flow resumes after at least the peer's timeout,
 * when the peer restarts slow start.
 */
export const QUICK_ACKS = 16
export const QUICK_IDLE_MS = RTO_LEAST_MS

/**
 * After a run of at least QUICK_ACKS segments, the peer is probed when it has been silent for this long, or for a retransmission
 * timeout: so a pause of an application costs one small packet and its answer, and a dead path is noticed within a second.
 */
export const LULL_MS = 500
/** Doubling each time, these probes last as long as the peer keeps trying: 100 s at the least timeout. */
export const LULL_PROBES = 9

/** RFC 6928. */
export const INITIAL_SEGMENTS = 10

/**
 * The longest time for which a peer delays an acknowledgment (TLP.max_ack_delay in RFC 8985, 7.2), with a margin for
 * its timer. Peers of this protocol delay by 40 ms.
 */
export const PEER_ACK_DELAY_MS = 50
/** The shortest wait for a tail loss probe: less is the noise of timers and schedulers. */
export const LEAST_PROBE_MS = 10

/** The largest burst: this many segments, or the path's rate for this time, whichever is more. */
export const BURST_SEGMENTS = 32
export const BURST_MS = 2
