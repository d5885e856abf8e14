/** Keeps conformance.md true: what it shows is what the command prints, and its table has what a log has. */
import { expect, test } from 'vitest'
import { runServal } from '../cli/runServal.ts'
import { againCodec, endCodec, headerCodec, stepCodec } from '../traces/steps/format.ts'
import { page, tableOf } from './pages.ts'

const conformance = page('docs/conformance.md')

test('the counterexample is the one that is found', { timeout: 0 }, async () => {
  const { stdout } = await runServal(['validate', 'spec/wire/captures/lost-connack-B.pcap'])
  const [shown] = conformance.blocks.filter(({ language }) => language === 'text')
  expect(shown!.text.trim()).toBe(stdout.trim())
})

test('the lines of a log have these fields', () => {
  const codecs = { header: headerCodec, step: stepCodec, again: againCodec, end: endCodec }
  const told = tableOf(conformance, 'line').map(([name, fields]) => {
    const spans = [...fields!.matchAll(/`(\w+)`/g)].map(([, span]) => span!)
    const known = Object.keys(codecs[name as keyof typeof codecs].props)
    return [name, known.filter(field => !spans.includes(field))]
  })
  expect(told).toEqual(Object.keys(codecs).map(name => [name, []]))
})
