/** Exit codes of all commands. */
export const EXIT = {
  /** Everything that was asked holds, or was done. */
  HOLDS: 0,
  /** Something is violated; or a search ended too early to know, which is not the same as holding. */
  VIOLATED: 1,
  /** A wrong use or bad input; nothing was written. */
  BAD_INPUT: 2,
  /** Stopped by Ctrl-C, as shells count it: 128 + SIGINT. What was known was printed. */
  INTERRUPTED: 130,
} as const
