/** Exit codes of all commands. */
export const EXIT = {
  /** Everything that was asked holds, or was done. */
  HOLDS: 0,
  /** Something is violated; or a search ended too early to know, which is not the same as holding. */
  VIOLATED: 1,
  /** A wrong use or bad input; nothing was written. */
  BAD_INPUT: 2,
  /** Ctrl-C stopped the command, which printed its results so far. As in shells: 128 + SIGINT. */
  INTERRUPTED: 130,
} as const

/** Ends the help of commands. */
export const EXITS = `
Exit codes: 0 success, 1 a violation, an incomplete search, or no answer, 2 wrong usage or bad input, 130 Ctrl-C.`
