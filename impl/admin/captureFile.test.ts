import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

/** Stops a capture after its first write has failed. */
const script = (path: string) => `
import { CaptureFile } from ${JSON.stringify(join(import.meta.dirname, 'captureFile.ts'))}
const capture = new CaptureFile(new Set(), ${JSON.stringify(path)})
setTimeout(() => capture.stop().catch(error => console.log(error.code, error.message)), 100)`

test.runIf(hasPrlimit)('a capture on a full disk ends with an error when it is stopped', () => {
  const folder = mkdtempSync(join(tmpdir(), 'capture-'))
  try {
    const node = [process.execPath, '--input-type=module', '-e', script(join(folder, 'c.pcapng'))]
    const { stdout, status } = spawnSync('prlimit', ['--fsize=0', ...node], { encoding: 'utf8' })
    expect(stdout).toMatch(/^ADMIN_CAPTURE .*EFBIG/)
    expect(status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
