/** For tests: bundles the command before the first test file runs. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The bundled command. Undefined where this file is no global setup: processes then run the source. */
    command: string | undefined
  }
}

const root = join(import.meta.dirname, '../..')

export default function setup(project: TestProject): void {
  const file = join(root, 'node_modules/.cache/serval/command.mjs')
  execFileSync(process.execPath, [join(root, 'build/bundleCommand.ts'), file], {
    env: { ...process.env, ...project.config.env },
    stdio: 'inherit',
  })
  project.provide('command', file)
}
