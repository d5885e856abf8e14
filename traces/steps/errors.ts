/** What can be wrong with a log of steps. */
export type StepsCode =
  /** No log of steps at all: another kind of file. */
  | 'STEPS_HEADER'
  /** Written in a version of the format that is not known here. */
  | 'STEPS_VERSION'
  /** A line that is not JSON. */
  | 'STEPS_JSON'
  /** JSON, but a part of a line is missing or of the wrong kind. */
  | 'STEPS_SHAPE'
  /** Lines are missing, or are more than there were. */
  | 'STEPS_LINES'

/** An error of the logs' closed set. The message says where, and what to do. */
export class StepsError extends Error {
  readonly code: StepsCode

  constructor(code: StepsCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'StepsError'
    this.code = code
  }
}
