import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { flow } from '../spec/machines/flow/compiled.ts'
import { runServal } from './testing/runServal.ts'

/** The beginning of a picture, by format. Machines have all formats. */
const BEGINNINGS = {
  svg: /^<svg [\s\S]*<\/svg>\n$/,
  mermaid: /^stateDiagram-v2\n/,
  dot: /^digraph "flow" \{[\s\S]*\}\n$/,
  html: /^<!doctype html>[\s\S]*<\/html>\n$/,
  text: new RegExp(`^flow: ${flow.transitions.length} transitions\n`),
} as const

const EXTENSIONS = { svg: 'svg', mermaid: 'mmd', dot: 'gv', html: 'html', text: 'txt' } as const

const FORMATS = Object.keys(BEGINNINGS) as (keyof typeof BEGINNINGS)[]

const trace = JSON.stringify({
  ...{ format: 1, title: 'nothing happens', model: 'crossing', bounds: {}, machine: '0', source: 'hand' },
  ...{ expect: 'holds', steps: [] },
})

describe('serval visualize', SLOW, () => {
  test.for(FORMATS)('draws the flow as %s, by the extension of the file', async format => {
    using folder = scratchFolder()
    const file = join(folder.path, `flow.${EXTENSIONS[format]}`)
    expect(await runServal(['visualize', 'flow', '-o', file])).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(readFileSync(file, 'utf8')).toMatch(BEGINNINGS[format])
  })

  test('--format overrides the extension of the file', async () => {
    using folder = scratchFolder()
    const file = join(folder.path, 'flow.txt')
    await runServal(['visualize', 'flow', '--format', 'dot', '-o', file])
    expect(readFileSync(file, 'utf8')).toMatch(BEGINNINGS.dot)
  })

  test('draws notices by name', async () => {
    const { stdout } = await runServal(['visualize', 'flow'])
    expect(stdout).toContain('notify(connected)')
  })

  test('draws the listener', async () => {
    const { status, stdout } = await runServal(['visualize', 'listener'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^listener: 12 transitions\n/)
  })

  test.for([
    ['html', /^<!doctype html>[\s\S]*nothing happens/],
    ['mermaid', /^---\ntitle: "nothing happens"\n---\nsequenceDiagram\n {2}participant host0 as client/],
    ['text', /^nothing happens\n[\s\S]*holds: no step violates a property/],
  ] as const)('a trace as %s', async ([format, expected]) => {
    using folder = scratchFolder()
    writeFileSync(join(folder.path, 'calm.json'), trace)
    const args = ['visualize', 'calm.json', '--format', format]
    const { status, stdout } = await runServal(args, { cwd: folder.path })
    expect(status).toBe(0)
    expect(stdout).toMatch(expected)
    expect(readdirSync(folder.path)).toEqual(['calm.json'])
  })
})
