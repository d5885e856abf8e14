/** What can be wrong with a trace. */
export type TraceCode =
  /** Not JSON at all: cut off, or another kind of file. */
  | 'TRACE_JSON'
  /** Written in a version of the format that is not known here. */
  | 'TRACE_VERSION'
  /** JSON, but a part is missing or of the wrong kind. */
  | 'TRACE_SHAPE'
  /** Of a model that does not exist. */
  | 'TRACE_MODEL'
  /** A bound that the model does not have, or out of its range. */
  | 'TRACE_BOUND'
  /** With a defect or an invariant that does not exist. */
  | 'TRACE_NAME'
  /** A step by a rule that the model does not have. */
  | 'TRACE_STEP'
  /** Whether the goal can be reached from the last state is too large a question. */
  | 'TRACE_LIMIT'
  /** On the stack, of a model that the stack does not play. */
  | 'TRACE_STACK'

/** An error of the traces' closed set. The message says what to do. */
export class TraceError extends Error {
  readonly code: TraceCode

  constructor(code: TraceCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'TraceError'
    this.code = code
  }
}
