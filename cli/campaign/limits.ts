/** Limits of campaigns. */

/** A unit goes to this many workers at most. One that none of them finished probably ends the next one too. */
export const MOST_DELIVERIES = 5

/** A unit whose worker has been silent for this long goes to another worker, ms. */
export const SILENCE_MS = 10_000
/** Between two signs of life of a unit, ms: several in the time above. */
export const SIGN_MS = SILENCE_MS / 5

/** Between two beats of a worker, ms, and how long after its last one it counts as alive. */
export const BEAT_MS = 2000
export const ALIVE_MS = 3 * BEAT_MS
/** Workers that a campaign counts. */
export const MOST_WORKERS = 10_000

/** The server keeps units and replies for this long, ms: two weeks, so that forgotten campaigns do not fill it. */
export const KEPT_MS = 14 * 86_400_000

/** Characters of a unit and of a campaign's record: several times what all models take. */
export const MOST_UNIT_CHARACTERS = 65_536
/** Characters of a reply. NATS servers take messages of a mebibyte unless told. */
export const MOST_REPLY_CHARACTERS = 2 ** 20
/** Values in either, such as counts of coverage and actions of a plan. */
export const MOST_VALUES = 2 ** 17
