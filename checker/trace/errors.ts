/** The faults that a trace can have. */
export type TraceCode =
  /** The text is not JSON: it was cut off, or it is another kind of file. */
  | 'TRACE_JSON'
  /** The file has a version of the format that this version does not know. */
  | 'TRACE_VERSION'
  /** The text is JSON, but a part is missing or of the wrong kind. */
  | 'TRACE_SHAPE'
  /** The model does not exist. */
  | 'TRACE_MODEL'
  /** The model does not have the bound, or the value is out of range. */
  | 'TRACE_BOUND'
  /** The defect or invariant does not exist. */
  | 'TRACE_NAME'
  /** The model does not have the rule of a step. */
  | 'TRACE_STEP'
  /** Too many states follow the last one to decide whether the goal can be reached. */
  | 'TRACE_LIMIT'
  /** The stack does not play the model. */
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
