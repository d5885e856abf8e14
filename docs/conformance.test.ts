/** Keeps conformance.md true: what it shows is what the command prints, and its table has what a log has. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { runServal } from '../cli/testing/runServal.ts'
import { judgeCapture } from '../cli/validate/capture.ts'
import { KINDS } from '../spec/machines/flow/packets.ts'
import { folder as captures } from '../spec/wire/testing/pcap.ts'
import { againCodec, endCodec, headerCodec, stepCodec } from '../traces/steps/format.ts'
import { page, tableOf } from './pages.ts'

const conformance = page('docs/conformance.md')

test('the counterexample is the one that is found', SLOW, async () => {
  const { stdout } = await runServal(['validate', 'spec/wire/captures/lost-connack-B.pcap', '--running'])
  const [shown] = conformance.blocks.filter(({ language }) => language === 'text')
  expect(must(shown).text.trim()).toBe(stdout.trim())
})

test('what is said of captures is what is found', SLOW, () => {
  const rows = tableOf(conformance, 'capture').flatMap(([names, packet]) =>
    must(names)
      .split(', ')
      .map(name => [name.replaceAll('`', ''), must(packet)] as const),
  )
  expect(rows.length).toBeGreaterThan(10)
  const found = rows.map(([name]) => {
    const bytes = readFileSync(join(captures, `${name}.pcap`))
    const { at, judgement } = judgeCapture(name, bytes, { running: true })
    const { contradiction } = judgement
    return [name, contradiction && at ? `${at.number} ${KINDS[contradiction.packet.kind]}` : '']
  })
  expect(found).toEqual(rows)
})

test('the lines of a log have these fields', () => {
  const codecs = { header: headerCodec, step: stepCodec, again: againCodec, end: endCodec }
  const told = tableOf(conformance, 'line').map(([name, fields]) => {
    const spans = [...must(fields).matchAll(/`(\w+)`/g)].map(([, span]) => must(span))
    const known = Object.keys(codecs[name as keyof typeof codecs].props)
    return [name, known.filter(field => !spans.includes(field))]
  })
  expect(told).toEqual(Object.keys(codecs).map(name => [name, []]))
})
