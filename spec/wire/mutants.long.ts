import { expect, test } from 'vitest'
import { decodeMutants } from './testing/decodeMutants.ts'

test('decodes a million mutants without reading beyond them, like the naive decoder', () => {
  expect(decodeMutants(123).count).toBeGreaterThanOrEqual(1_000_000)
})
