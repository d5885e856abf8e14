/** Programs that tests compare with or run against where they are installed. CI installs them, and must have them. */
import { spawnSync } from 'node:child_process'

/**
 * Returns the first of `names` that runs with the argument `version`. If none does, prints on stderr what the tests leave
 * out and returns undefined. Throws instead if `ci`, the variable CI, is set: CI must not skip a test silently.
 */
export function optionalProgram(
  names: readonly string[],
  version: string,
  leftOut: string,
  ci: string | undefined = process.env.CI,
): string | undefined {
  const found = names.find(name => spawnSync(name, [version]).status === 0)
  if (found !== undefined) return found
  leaveOut(`${names[0]} is not installed: ${leftOut}`, ci)
  return undefined
}

/** Returns whether all programs are installed. Otherwise reports the first that is missing as `optionalProgram` does. */
export const haveAll = (
  leftOut: string,
  ...programs: readonly (readonly [name: string, version: string])[]
): boolean => programs.every(([name, version]) => optionalProgram([name], version, leftOut) !== undefined)

/** Prints in one line what is left out and why. Throws instead under CI. */
export function leaveOut(what: string, ci: string | undefined): void {
  if (ci !== undefined && ci !== '' && ci !== 'false') throw new Error(`${what}; .ci/install brings it`)
  process.stderr.write(`${what}\n`)
}
