/** The notices of a flow to its application or listener: the parameter of the effect `notify`. */
export const CONNECTED = 1
export const ACCEPTED = 2
export const PEER_CLOSED = 3
export const CLOSED = 4
export const REFUSED = 5
export const RESET = 6
export const TIMED_OUT = 7
export const MOVED = 8
export const PEER_MOVED = 9
export const MOVE_FAILED = 10
export const PEER_MOVE_FAILED = 11

/** Readable names of notices, by number. */
export const NOTICES = [
  '',
  'connected',
  'accepted',
  'peer closed',
  'closed',
  'refused',
  'reset',
  'timed out',
  'moved',
  'peer moved',
  'move failed',
  "peer's move failed",
] as const
