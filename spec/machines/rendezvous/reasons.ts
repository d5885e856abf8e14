/** Why a packet is not relayed, or an announcement refused: the parameter of the effects `drop` and `refuse`. */
export const NO_QUESTION = 1
export const RELAYED = 2
export const UNBOUND = 3
export const STALE = 4
export const NOT_THE_HOLDER = 5

/** Readable reasons by number. */
export const RENDEZVOUS_REASONS = [
  '',
  'no question',
  'relayed before',
  'unbound',
  'stale',
  'not the holder',
] as const
