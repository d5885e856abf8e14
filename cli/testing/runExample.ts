/** For tests: runs a case study. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder } from '../../checker/testing/scratchFolder.ts'
import { spawnServal } from './runServal.ts'

/** Runs a case study at small bounds. Returns what `--json` prints, and the picture. */
export async function runExample(name: string, ...options: string[]) {
  using folder = scratchFolder()
  const { status, stdout } = await spawnServal(['example', name, ...options, '--json'], { cwd: folder.path })
  const facts = JSON.parse(stdout)
  return { status, facts, svg: readFileSync(join(folder.path, facts.picture), 'utf8') }
}
