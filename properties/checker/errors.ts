/** What can go wrong in a use of the checker, apart from the system being wrong. */
export type CheckerCode =
  /** A rule stored a value that does not fit the variable's bits. */
  | 'CHK001'
  /** The system is not well formed: an unknown name, a width out of range, an effect that leaves it. */
  | 'CHK002'
  /** An invariant was asked for that the system does not have. */
  | 'CHK003'
  /** The memory limit is too small to start with, or the machine does not have that much. */
  | 'CHK004'
  /** A rule was to be taken that does not exist. */
  | 'CHK005'
  /** The number of workers is not in range. */
  | 'CHK006'
  /** A worker thread died. */
  | 'CHK007'

/** An error of the checker's closed set. The message says what to do. */
export class CheckerError extends Error {
  readonly code: CheckerCode

  constructor(code: CheckerCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'CheckerError'
    this.code = code
  }
}
