import type { Command } from 'commander'

/** Defines the description, options and action of a command. The action passes its exit code to `done`. */
export type Define = (command: Command, done: (status: number) => void) => void

export const EXITS = `
Exit codes: 0 success, 1 a violation, an incomplete search, or no answer, 2 wrong usage or bad input, 130 Ctrl-C.`
