/** Keeps conformance.md true: what it shows is what the command prints. */
import { expect, test } from 'vitest'
import { runServal } from '../cli/runServal.ts'
import { page } from './pages.ts'

const conformance = page('docs/conformance.md')

test('the counterexample is the one that is found', { timeout: 0 }, async () => {
  const { stdout } = await runServal(['validate', 'spec/wire/captures/lost-connack-B.pcap'])
  const [shown] = conformance.blocks.filter(({ language }) => language === 'text')
  expect(shown!.text.trim()).toBe(stdout.trim())
})
