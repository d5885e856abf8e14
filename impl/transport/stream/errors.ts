import { CodedError, type ErrorTable } from '../../../checker/text/errors.ts'

/** Errors in the use of a stream. */
export const STREAM_ERRORS = {
  STREAM_FINISHED: ['The program wrote after `finish`.', 'Write before it, or open another stream.'],
  STREAM_OPTION: ['An option is out of range.', 'Give a value in the range that the message names.'],
} as const satisfies ErrorTable

export type StreamErrorCode = keyof typeof STREAM_ERRORS

export class StreamError extends CodedError<StreamErrorCode> {
  override readonly name = 'StreamError'
}
