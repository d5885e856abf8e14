/** Limits of a simulation, so that a run, and a plan from a stranger, stay small enough. */
import { TRIES_LIMIT } from '../../impl/host/flows/rtt.ts'

/** Every host looks at every other one's packets no more than once, so some dozens are quick. */
export const MOST_HOSTS = 64
export const MOST_ROUTERS = 8
export const MOST_ADDRESSES = 8
export const MOST_WEIGHT = 1000
export const MOST_FLOWS = 10_000
export const MOST_ACTIONS = 100_000
/** A day. */
export const MOST_MS = 86_400_000
export const MOST_LATENCY_MS = 10_000
/** Packets of one attack. */
export const MOST_ATTACK_PACKETS = 10_000
/** Bytes of one write. */
export const MOST_BYTES = 2 ** 24
/** Bytes of the longest packets on a narrow path, after IPv6 and UDP: every stack gets packets of 576 bytes across. */
export const LEAST_WIDTH = 576 - 40 - 8
export const MOST_WIDTH = 65_535
/** Bytes per second of a slow path: all that a plan writes still arrives in time, and a fast line. */
export const LEAST_RATE = 20_000
export const MOST_RATE = 1_000_000
/** Bytes of the queue before it: two packets, and some seconds at a low rate. */
export const LEAST_QUEUE = 3000
export const MOST_QUEUE = 200_000
/** A mapping of a translator lives for at least so long, ms: longer than the answer to a packet is under way. */
export const LEAST_LIFETIME_MS = 5000
/** Millionths by which a clock is fast or slow: half. */
export const MOST_PPM = 500_000
/** As many as hosts take unless told: enough for every outage of a plan. With fewer, giving up excuses a flow. */
export const ALL_TRIES = TRIES_LIMIT
/** Seeds and what is made of them are exact in a double. */
export const MOST_SEED = 2 ** 31 - 1

/** In virtual ms: how long after the last fault everything that was written has arrived, and moves are complete. */
export const PROGRESS_MS = 300_000
/** The longest time for the orderly end of all flows, with both FINs and TIME-WAIT, ms. */
export const ENDING_MS = 300_000
/**
 * By when nothing at all is left, ms. A packet has all its tries within half an hour, a move begins again for four minutes more, and
 * the FIN that outlasts a failed move has all its tries again.
 */
export const SILENCE_MS = 7_200_000

/** Rounds of all hosts in one run, for each action: a run that needs more never ends. */
export const MOST_ROUNDS = 2_000_000
