import { type Command, Option } from 'commander'

/** Gives a command its description, options and action. What the action comes to, an exit code, goes to `done`. */
export type Define = (command: Command, done: (status: number) => void) => void

/** The option that most commands share. */
export const json = (): Option => new Option('--json', 'print one JSON value instead of text')

export const EXITS = `
Exit codes: 0 success, 1 a violation, an incomplete search, or no answer, 2 wrong usage or bad input (nothing is
written), 130 Ctrl-C (the results so far are printed).`

/** Returns the list of defects that a command's help prints. */
export function defectsHelp(known: readonly { readonly id: string; readonly sentence: string }[]): string {
  const lines = known.map(({ id, sentence }) => `  ${id.padEnd(4)} ${sentence}`)
  return lines.length > 0 ? `\nDefects:\n${lines.join('\n')}` : ''
}
