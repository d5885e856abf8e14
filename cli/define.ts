import { type Command, Option } from 'commander'

/** Gives a command its description, options and action. What the action comes to, an exit code, goes to `done`. */
export type Define = (command: Command, done: (status: number) => void) => void

/** Which many commands have. */
export const json = (): Option => new Option('--json', 'print one JSON value instead of text')

export const EXITS = `
Exit codes: 0 it holds, 1 it is violated or could not be completed, or nobody answered, 2 wrong use or bad input
(nothing is written), 130 stopped by Ctrl-C (what is known is printed).`

/** Mistakes that can be put in, for a command's help. */
export function defectsHelp(known: readonly { readonly id: string; readonly sentence: string }[]): string {
  const lines = known.map(({ id, sentence }) => `  ${id.padEnd(4)} ${sentence}`)
  return lines.length > 0 ? `\nDefects:\n${lines.join('\n')}` : ''
}
