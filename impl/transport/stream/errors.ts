/** What can be wrong with the use of a stream. */
export type StreamErrorCode =
  /** Bytes were written after `finish`. */
  | 'STREAM_FINISHED'
  /** An option is not what it may be. */
  | 'STREAM_OPTION'

export class StreamError extends Error {
  readonly code: StreamErrorCode

  constructor(code: StreamErrorCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'StreamError'
    this.code = code
  }
}
