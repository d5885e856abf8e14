/** An address that returns ends the outage at once, whatever retransmission had backed off to. Linux, as root. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { canUnshare } from './testing/canUnshare.ts'

const SCRIPT = `${import.meta.dirname}/testing/returning.ts`

/** By its end the server has doubled its timeout five times: its next retransmission comes 5.6 s later. */
const OUTAGE_MS = 7000

test.runIf(canUnshare)('a download continues long before its next retransmission is due', SLOW, () => {
  const args = ['-n', process.execPath, SCRIPT, String(OUTAGE_MS)]
  const [ms, state] = execFileSync('unshare', args, { encoding: 'utf8' }).trim().split(' ')
  expect(state).toBe('open')
  expect(Number(ms)).toBeLessThan(4000)
})
