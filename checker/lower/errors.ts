/** Why lowering refuses a machine or a world. Every message says where, what and what to do. */
export type LowerCode =
  | 'LOWER_SOURCE' // a function whose text cannot be read
  | 'LOWER_SYNTAX' // JavaScript outside the discipline
  | 'LOWER_NAME' // a name that no scope knows
  | 'LOWER_TYPE' // a value of the wrong kind: a structure where a number is needed, ...
  | 'LOWER_OPAQUE' // an identifier that is computed with instead of compared
  | 'LOWER_MACHINE' // a machine with a feature outside the discipline
  | 'LOWER_RANGE' // an index outside of its list, a remainder by 0, a number beyond 2^53
  | 'LOWER_INITIAL' // a place whose initial values differ from its machine's
  | 'LOWER_LOOP' // eventless transitions or loops without an end

/**
 * A machine or world is outside the discipline. `where` names the state, transition or rule; `source` is the
 * offending text.
 */
export class LowerError extends Error {
  readonly code: LowerCode
  readonly where: string
  readonly source: string

  constructor(code: LowerCode, where: string, message: string, source = '') {
    super(`${code} in ${where}: ${message}${source ? `\n  ${source}` : ''}`)
    this.name = 'LowerError'
    this.code = code
    this.where = where
    this.source = source
  }
}
