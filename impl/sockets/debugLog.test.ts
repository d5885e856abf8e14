import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'

/** Standard error of the example, which sends a line over one connection and back. */
function logOf(debug: string, script: readonly string[]): string {
  const env = { ...process.env, NODE_DEBUG: debug, NODE_OPTIONS: '' }
  return spawnSync(process.execPath, script, { env, encoding: 'utf8' }).stderr
}

const echo = [fileURLToPath(new URL('../../examples/echo.ts', import.meta.url))]

test('NODE_DEBUG=serval logs the life of a flow, and nothing else does', SLOW, () => {
  const log = logOf('serval', echo)
  expect(log).toMatch(/^SERVAL \d+: flow [0-9a-f]{8} takes CONNECT: REQUEST INITIAL$/m)
  expect(log).toMatch(/flow [0-9a-f]{8} takes SYNACK: CONNECTED INITIAL$/m)
  expect(log).toMatch(
    /flow [0-9a-f]{8} is open: stream server, 127\.0\.0\.1:\d+ to .*, service [0-9a-f]{64}$/m,
  )
  expect(log).toMatch(/flow [0-9a-f]{8} is closed$/m)
  expect(log).not.toMatch(/ DATA:/)
  expect(logOf('net', echo)).not.toContain('SERVAL')
})

test("a peer's text is escaped", SLOW, () => {
  const module = new URL('debugLog.ts', import.meta.url)
  const text = `import { debug } from ${JSON.stringify(module)}; debug('refused: \\u001b[2J')`
  expect(logOf('serval', ['--input-type=module', '--eval', text])).toContain('refused: \\u001b[2J')
})
