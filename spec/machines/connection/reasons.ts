/** Why a connection takes no flow, or removes none: the parameter of the effect `reject`. */
export const NO_ROOM = 1
export const UNPROVED = 2
export const NOT_OPEN = 3
export const LAST_FLOW = 4

/** Readable reasons by number. */
export const JOIN_REASONS = ['', 'no room', 'no proof of the keys', 'not open', 'the last flow'] as const

/** How a flow ended: the parameter of DOWN, and of the effect `over` for the last flow. */
export const ENDED = { CLOSED: 1, RESET: 2, TIMED_OUT: 3, ABORTED: 4 } as const
