import { spawnSync } from 'node:child_process'
import { haveAll } from './programs.ts'

const TOOLS = [
  ['spin', '-V'],
  ['gcc', '--version'],
] as const

/** Returns which of spin and gcc cannot run here. */
export const missingTools = (): string[] =>
  TOOLS.filter(([name, version]) => spawnSync(name, [version]).status !== 0).map(([name]) => name)

/** Returns whether tests can compare with SPIN here. */
export const hasSpin = (): boolean => haveAll('nothing is compared with SPIN', ...TOOLS)
