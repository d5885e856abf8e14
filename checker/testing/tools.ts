import { spawnSync } from 'node:child_process'
import { SpinError } from './spinErrors.ts'

/** Returns which of spin and gcc cannot run here. */
export function missingTools(): string[] {
  const tools: [name: string, version: string][] = [
    ['spin', '-V'],
    ['gcc', '--version'],
  ]
  return tools.filter(([name, version]) => spawnSync(name, [version]).status !== 0).map(([name]) => name)
}

/**
 * Returns whether SPIN can run. If not, prints in one line (on stderr by default) what is missing, so that the
 * suite goes on without it. A run with `CI` set must not skip the oracle silently.
 *
 * @throws SpinError `SPN001` if `CI` is set and a tool is missing
 */
export function spinForTests(
  ci: string | undefined,
  missing: readonly string[] = missingTools(),
  say: (line: string) => void = line => process.stderr.write(line),
): boolean {
  if (missing.length === 0) return true
  const what = `${missing.join(' and ')} not found; install with: apt-get install spin gcc libc6-dev`
  if (ci !== undefined && ci !== '' && ci !== 'false') throw new SpinError('SPN001', what)
  say(`comparisons with SPIN are skipped: ${what}\n`)
  return false
}
