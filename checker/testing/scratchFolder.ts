import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a folder that the end of a `using` block removes. */
export function scratchFolder(): { readonly path: string; readonly [Symbol.dispose]: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'serval-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
