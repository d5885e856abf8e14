import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { at } from '../checker/text/at.ts'
import { catalogue, FAMILIES } from './errorCatalogue.ts'
import { page, pages, root } from './pages.ts'

const tables = Object.values(FAMILIES).flatMap(family => Object.entries(family))
const codes = tables.flatMap(([, table]) => Object.keys(table))

describe('the catalogue of errors', () => {
  test('is what npm run docs writes', () => {
    expect(page('docs/errors.md').text).toBe(catalogue())
  })

  test('has every table of errors', () => {
    const names = globSync('{checker,spec,impl,properties,traces,studio,cli}/**/*.ts', { cwd: root })
      .map(path => readFileSync(join(root, path), 'utf8'))
      .flatMap(text => [
        ...text.matchAll(/^export const (\w+) = \{\n(?: .*\n)*\} as const satisfies ErrorTable/gm),
      ])
      .map(match => at(match, 1))
    expect(tables.map(([name]) => name).sort()).toEqual(names.sort())
  })

  test.each(tables)('%s: every code has a meaning and a remedy', (_, table) => {
    expect(Object.keys(table).length).toBeGreaterThan(1)
    for (const [code, sentences] of Object.entries(table))
      for (const sentence of sentences) expect(sentence, code).toMatch(/^[A-Z].*\.$/)
  })

  test('has no code twice', () => {
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBeGreaterThan(100)
  })

  // SAL_FAULT is the code of a warning: nobody can catch it.
  test('has the codes that other pages mention', () => {
    const prefixes = new Set(codes.filter(code => /^\w+_|^CHK/.test(code)).map(prefixOf))
    const mentioned = pages.flatMap(({ path, spans }) =>
      spans
        .filter(
          span =>
            /^[A-Z]+_[A-Z_]+$|^CHK\d+$/.test(span) && span !== 'SAL_FAULT' && prefixes.has(prefixOf(span)),
        )
        .map(span => [span, path] as const),
    )
    expect(mentioned.length).toBeGreaterThan(20)
    expect(mentioned.filter(([code]) => !codes.includes(code))).toEqual([])
  })
})

const prefixOf = (code: string): string => at(code.match(/^CHK|^[A-Z]+/) ?? [], 0)
