/**
 * Text of peers and files, for terminals. Control characters could rewrite the screen, and directional
 * characters could reorder the text, so both are shown as `\u001b`, as JSON and JavaScript escape them in
 * strings.
 */

/** C0, DEL and C1; line separators; marks, embeddings, overrides and isolates of bidirectional text. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to replace
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Escapes a line or a part of one, line ends included. */
export const printable = (text: string): string => text.replace(UNSAFE, escaped)

/** Escapes several lines. Line ends and tabs stay. */
export const printableLines = (text: string): string =>
  text.replace(UNSAFE, character =>
    character === '\n' || character === '\t' ? character : escaped(character),
  )
