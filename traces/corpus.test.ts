import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { decode } from '../checker/trace/decode.ts'
import { replay } from '../checker/trace/replay.ts'
import { catalogue } from './catalogue.ts'

const corpus = new URL('corpus/', import.meta.url)
const files = readdirSync(corpus).filter(name => name.endsWith('.json'))

test('the corpus has traces of violations', () => {
  const expected = files.map(name => decode(readFileSync(new URL(name, corpus), 'utf8')).expect)
  expect(expected).toContain('violated')
})

describe.each(files)('%s', SLOW, name => {
  const text = readFileSync(new URL(name, corpus), 'utf8')

  test('replays without divergence to the verdict that it expects', async () => {
    const { asExpected, divergence } = await replay(decode(text), catalogue)
    expect(divergence).toBeUndefined()
    expect(asExpected).toBe(true)
  })
})
