/** Programs that sharpen the tests where they are installed. Continuous integration installs them, and must have them. */
import { spawnSync } from 'node:child_process'

/**
 * The first of `names` that answers to `version`; undefined, and one line that says so, where there is none.
 * Throws under CI, so that a check is never left out unseen.
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

/** Says in one line what is left out and why. Throws under CI. */
export function leaveOut(what: string, ci: string | undefined): void {
  if (ci !== undefined && ci !== '' && ci !== 'false') throw new Error(`${what}; .ci/install brings it`)
  process.stderr.write(`${what}\n`)
}
