import type { ErrorTable } from '../text/errors.ts'

/** Why lowering rejects a machine or a world. Every message says where, what and what to do. */
export const LOWER_ERRORS = {
  LOWER_SOURCE: [
    'The text of a function cannot be read.',
    'Write guards and assigns as plain functions; do not bind or minify them.',
  ],
  LOWER_SYNTAX: ['JavaScript outside the discipline.', 'Rewrite it as docs/architecture.md describes.'],
  LOWER_NAME: ['No scope has this name.', 'Add it to the scope that you give to `lower` or `lowerWorld`.'],
  LOWER_TYPE: [
    'A value of the wrong kind, such as a structure where a number belongs.',
    'Correct the part that the message names.',
  ],
  LOWER_OPAQUE: [
    'The machine computes with an identifier that it may only copy and compare.',
    'Compare it, or declare the register as a number.',
  ],
  LOWER_MACHINE: [
    'The machine uses an XState feature outside the discipline.',
    'Remove the feature that the message names.',
  ],
  LOWER_RANGE: [
    'An index outside its list, a remainder by 0, or a number beyond 2^53.',
    'Correct the constant that the message names.',
  ],
  LOWER_INITIAL: [
    'A place in a world starts otherwise than its machine.',
    'Derive the place with `startedAt`.',
  ],
  LOWER_SIZE: [
    'A program is too long when its loops and calls are written out.',
    'Use fewer rounds, and a `const` for repeated parts.',
  ],
  LOWER_LOOP: ['Eventless transitions or loops do not end.', 'Bound the loop, or guard the transition.'],
} as const satisfies ErrorTable

/** The codes of `LowerError`; docs/errors.md lists them. */
export type LowerCode = keyof typeof LOWER_ERRORS

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
