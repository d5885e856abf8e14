import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { besiege } from './siege.ts'

test('processes survive mutants of the packets that they exchange', SLOW, async () => {
  const { received, faults } = await besiege(1, 10_000)
  expect(received).toBeGreaterThan(5_000)
  expect(faults).toBe(0)
})
