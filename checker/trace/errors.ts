import { CodedError, type ErrorTable } from '../text/errors.ts'

/** The faults that a trace can have. */
export const TRACE_ERRORS = {
  TRACE_JSON: [
    'The file is not JSON: it is cut off, or of another kind.',
    'Give a trace file, or record it again.',
  ],
  TRACE_VERSION: ['The file has an unknown format version.', 'Record the trace again with this version.'],
  TRACE_SHAPE: [
    'A part of the file is missing or has the wrong type.',
    'Correct the path that the message names.',
  ],
  TRACE_MODEL: ['No such model.', 'Choose one of `serval models`.'],
  TRACE_BOUND: [
    'The model has no such bound, or the value is out of range.',
    'Correct the bound that the message names.',
  ],
  TRACE_NAME: ['No such defect or invariant.', 'Choose one of those that the message lists.'],
  TRACE_STEP: ['The model has no such rule.', 'Record the trace again on the present model.'],
  TRACE_LIMIT: [
    'Deciding whether the goal stays reachable takes too much memory.',
    'Replay with smaller bounds.',
  ],
  TRACE_STACK: ['The stack does not play this model.', 'Replay it on the model, without `--on stack`.'],
} as const satisfies ErrorTable

export type TraceCode = keyof typeof TRACE_ERRORS

/** An error of a trace. Codes are a closed set, and the message says what to do. */
export class TraceError extends CodedError<TraceCode> {
  override readonly name = 'TraceError'
}
