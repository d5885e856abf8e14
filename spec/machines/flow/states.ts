/** The states by name, with the numbers that lowered machines use: their order in the machine. */
export const CONNECTION = {
  INIT: 0,
  LISTEN: 1,
  REQUEST: 2,
  RESPOND: 3,
  CONNECTED: 4,
  FINWAIT1: 5,
  FINWAIT2: 6,
  CLOSING: 7,
  CLOSEWAIT: 8,
  LASTACK: 9,
  TIMEWAIT: 10,
  CLOSED: 11,
} as const

export const MIGRATION = { INITIAL: 0, RSYN_SENT: 1, RSYN_RECV: 2, RSYN_SENT_RECV: 3 } as const
