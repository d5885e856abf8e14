/** Errors with stable codes. A table describes each one once: messages, docs/errors.md and the types of the codes come from it. */

/** An error with a stable code, with which its message begins. The message says what to do. */
export abstract class CodedError<Code extends string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** The codes of one room, each with its meaning and what to do about it, in sentences. */
export type ErrorTable = Readonly<Record<string, ErrorText>>

export type ErrorText = readonly [meaning: string, remedy: string]

/** Returns both sentences as one clause for a message: `nobody listens there; start its server`. */
export const clauseOf = (text: ErrorText): string => text.map(asClause).join('; ')

const asClause = (sentence: string): string =>
  sentence
    .replace(/^[A-Z](?=[a-z ])/, first => first.toLowerCase())
    .replace(/\.$/, '')
    .replaceAll('`', "'")
