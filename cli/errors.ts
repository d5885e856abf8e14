/** What can be wrong with a use of the command line. Rooms that it opens have codes of their own. */
export type CliCode =
  /** An unknown command or option, or an argument too many or too few. */
  | 'CLI_USAGE'
  /** No such model. */
  | 'CLI_MODEL'
  /** No such invariant. */
  | 'CLI_INVARIANT'
  /** No such defect. */
  | 'CLI_DEFECT'
  /** No such case study. */
  | 'CLI_EXAMPLE'
  /** No such bound, no number, or out of its range. */
  | 'CLI_BOUND'
  /** An option that takes a number was given something else, or one out of range. */
  | 'CLI_NUMBER'
  /** No such kind of faults. */
  | 'CLI_FAULTS'
  /** No such format, or one that cannot show this. */
  | 'CLI_FORMAT'
  /** Neither a machine nor a file. */
  | 'CLI_SUBJECT'
  /** A file cannot be read. */
  | 'CLI_READ'
  /** A file cannot be written. */
  | 'CLI_WRITE'
  /** An option that is about one model, with several. */
  | 'CLI_ONE_MODEL'
  /** No stack of this user is running, or none of the process that was named. */
  | 'CLI_NOBODY'
  /** Several processes could be meant. */
  | 'CLI_PID'
  /** No HOST:PORT. */
  | 'CLI_PLACE'
  /** It is not known where a service is. */
  | 'CLI_VIA'
  /** The key of a service is missing, or is another one. */
  | 'CLI_KEY'
  /** An option that starts a service names no command. */
  | 'CLI_START'
  /** No rule as a router takes it. */
  | 'CLI_RULE'
  /** The tour's processes could not do their work. */
  | 'CLI_TOUR'
  /** A capture that does not tell which packets its host sent. */
  | 'CLI_DIRECTION'
  /** A recording that ends early, and shows nothing wrong before. */
  | 'CLI_CUT'
  /** A recording in which there is nothing to judge. */
  | 'CLI_NOTHING'

/** An error of the command line's closed set. The message says what to do. */
export class CliError extends Error {
  readonly code: CliCode

  constructor(code: CliCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'CliError'
    this.code = code
  }
}
