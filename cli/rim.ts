/**
 * The rim between commands and a terminal: all text goes through here. It may hold words of peers and files, so that control
 * characters are shown, not sent; of their own colours commands use a few.
 */
import { styleText } from 'node:util'
import { printableLines } from '../checker/text/printable.ts'

/** Bold, dim, the colours of letters, and their ends: nothing that hides text or moves the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const COLOURS = /(\u001b\[(?:0|1|2|22|3[0-79]|9[0-7])m)/

/** Whether standard output shows colours: a terminal does, unless NO_COLOR is set; FORCE_COLOR decides before both. */
export const colour = (): boolean => styleText('red', '-', { stream: process.stdout }) !== '-'

/** Text as a terminal may have it. Colours stay where standard output shows them. */
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
