import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'

/** Errors in a log of steps. */
export const STEPS_ERRORS = {
  STEPS_HEADER: [
    'The file is not a log of steps.',
    'Give a log that a stack wrote (`serval listen --trace FILE`).',
  ],
  STEPS_VERSION: ['The log has an unknown format version.', 'Record it again with this version.'],
  STEPS_JSON: ['A line is not JSON.', 'Record the log again; the file is damaged.'],
  STEPS_SHAPE: [
    'A part of a line is missing or has the wrong type.',
    'Record the log again; the file is damaged.',
  ],
  STEPS_LINES: ['The log has too few or too many lines.', 'Record the log again; the file is damaged.'],
} as const satisfies ErrorTable

export type StepsCode = keyof typeof STEPS_ERRORS

/** An error in a log. Codes are a closed set. The message says where the fault is, and what to do. */
export class StepsError extends CodedError<StepsCode> {
  override readonly name = 'StepsError'
}
