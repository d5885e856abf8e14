/** The faults that a trace can have. */
export type TraceCode =
  /** The file is not JSON: it is cut off, or of another kind. Give a trace file, or record it again. */
  | 'TRACE_JSON'
  /** The file has an unknown format version. Record the trace again with this version. */
  | 'TRACE_VERSION'
  /** A part of the file is missing or of the wrong kind. Correct the path that the message names. */
  | 'TRACE_SHAPE'
  /** No such model. Choose one of `serval models`. */
  | 'TRACE_MODEL'
  /** The model has no such bound, or the value is out of range. Correct the bound that the message names. */
  | 'TRACE_BOUND'
  /** No such defect or invariant. Choose one of those that the message lists. */
  | 'TRACE_NAME'
  /** The model has no such rule. Record the trace again on the present model. */
  | 'TRACE_STEP'
  /** Deciding whether the goal stays reachable takes too much memory. Replay with smaller bounds. */
  | 'TRACE_LIMIT'
  /** The stack does not play this model. Replay it on the model, without `--stack`. */
  | 'TRACE_STACK'

/** An error of a trace. Codes are a closed set, and the message says what to do. */
export class TraceError extends Error {
  readonly code: TraceCode

  constructor(code: TraceCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'TraceError'
    this.code = code
  }
}
