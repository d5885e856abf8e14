/**
 * The rim between commands and a terminal: all text passes here. Text of peers and files may be part of it, so control
 * characters are escaped, except for the few colours that commands use.
 */
import { styleText } from 'node:util'
import { printableLines } from '../checker/text/printable.ts'

/** Bold, dim, colours of letters and their ends. Black and white are not among them: they hide text on a background of the same colour. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const COLOURS = /(\u001b\[(?:0|1|2|22|3[1-69]|9[0-6])m)/

/** Whether standard output shows colours: a terminal does, unless NO_COLOR is set; FORCE_COLOR decides before both. */
export const colour = (): boolean => styleText('red', '-', { stream: process.stdout }) !== '-'

/** Returns text that is safe for a terminal. Colours stay if `isColoured`. */
export function forTerminal(text: string, isColoured: boolean): string {
  if (!isColoured) return printableLines(text)
  // Every second piece is a colour.
  return text
    .split(COLOURS)
    .map((piece, i) => (i % 2 === 1 ? piece : printableLines(piece)))
    .join('')
}

export const writeOut = (text: string): void => {
  process.stdout.write(forTerminal(text, colour()))
}

export const writeError = (text: string): void => {
  process.stderr.write(forTerminal(text, false))
}
