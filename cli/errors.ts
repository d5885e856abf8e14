/** What can be wrong with a use of the command line. Rooms that it opens have codes of their own. */
export type CliCode =
  /** An unknown command or option, or too many or too few arguments. See `--help`. */
  | 'CLI_USAGE'
  /** No such model. Choose one of `serval models`. */
  | 'CLI_MODEL'
  /** No such invariant. Choose one of `serval invariants`. */
  | 'CLI_INVARIANT'
  /** No such defect. Choose one of docs/defects.md. */
  | 'CLI_DEFECT'
  /** No such case study. Choose one of those that the message lists. */
  | 'CLI_EXAMPLE'
  /** No such bound, or a value that is not a number in its range. Correct `--bound`. */
  | 'CLI_BOUND'
  /** An option needs a number in a range. Give a number in the range that the message names. */
  | 'CLI_NUMBER'
  /** No such level of faults. Give `none`, `mild` or `harsh`. */
  | 'CLI_FAULTS'
  /** No such format, or one that cannot show this. Choose one of those that the message lists. */
  | 'CLI_FORMAT'
  /** Neither a machine nor a file. Choose one of those that the message lists. */
  | 'CLI_SUBJECT'
  /** A file cannot be read. Correct its path or permissions. */
  | 'CLI_READ'
  /** A file cannot be written. Correct its path or permissions. */
  | 'CLI_WRITE'
  /** An option applies to one model, and several are given. Give one model. */
  | 'CLI_ONE_MODEL'
  /** No stack of this user runs, or not in the process named. Start one, or correct `--pid`. */
  | 'CLI_NOBODY'
  /** Several processes match. Name one with `--pid`. */
  | 'CLI_PID'
  /** Not a TCP endpoint. Write HOST:PORT, such as `127.0.0.1:80`. */
  | 'CLI_ENDPOINT'
  /** No process of this user listens on the service. Give `--via` with the address of its host or of a router. */
  | 'CLI_VIA'
  /** The key of the service is missing, or does not match its name. Give the right file with `--key`. */
  | 'CLI_KEY'
  /** An option that starts a service names no command. Write `--start NAME=COMMAND`. */
  | 'CLI_START'
  /** Not a rule that a router takes. Correct it as the message says. */
  | 'CLI_RULE'
  /** A process of the tour failed. Read its output above. */
  | 'CLI_TOUR'
  /** The capture does not say which packets its host sent. Name the host's addresses with `--host`. */
  | 'CLI_DIRECTION'
  /**
   * The recording ends early and shows no violation before its end.
   * Record it again, and let the command end by itself.
   */
  | 'CLI_CUT'
  /** The recording contains nothing to judge. Record while a flow is active. */
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
