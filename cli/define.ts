import type { Command } from 'commander'

/** Defines the description, options and action of a command. The action passes its exit code to `done`. */
export type Define = (command: Command, done: (status: number) => void) => void
