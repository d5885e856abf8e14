/** Errors in the use of a stream. */
export type StreamErrorCode =
  /** The program wrote after `finish`. Write before it, or open another stream. */
  | 'STREAM_FINISHED'
  /** An option is out of range. Give a value in the range that the message names. */
  | 'STREAM_OPTION'

export class StreamError extends Error {
  readonly code: StreamErrorCode

  constructor(code: StreamErrorCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'StreamError'
    this.code = code
  }
}
