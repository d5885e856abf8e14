/** Why a relay drops a packet: the parameter of the effect `drop`. */
export const UNPROVED = 1
export const OTHER_END = 2
export const UNKNOWN = 3

/** Readable reasons by number. */
export const RELAY_REASONS = ['', 'unproved address', 'another end', 'unknown flow'] as const
