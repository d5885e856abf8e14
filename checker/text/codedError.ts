/** An error with a stable code, with which its message begins. The message says what to do. */
export abstract class CodedError<Code extends string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}
