import { describe, expect, test } from 'vitest'
import { catalogue, families, familyFiles, unionFiles } from './errorCatalogue.ts'
import { page } from './pages.ts'

describe('the catalogue of errors', () => {
  test('is what npm run docs writes', () => {
    expect(page('docs/errors.md').text).toBe(catalogue())
  })

  test('has every union of codes', () => {
    expect([...familyFiles].sort()).toEqual(unionFiles().sort())
  })

  test.each(families())('$title: every code has a meaning and a remedy, and stands once', ({ entries }) => {
    expect(entries.length).toBeGreaterThan(1)
    for (const { code, meaning, remedy } of entries) {
      expect(meaning, code).toMatch(/^[A-Z].*\.$/)
      expect(remedy, code).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('has no code twice', () => {
    const codes = families().flatMap(({ entries }) => entries.map(({ code }) => code))
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBeGreaterThan(100)
  })
})
