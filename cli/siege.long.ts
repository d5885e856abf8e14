import { expect, test } from 'vitest'
import { besiege } from './siege.ts'

test.each([
  1, 2, 3,
])('processes survive a million mutants of the packets that they exchange: seed %i', async seed => {
  await expect(besiege(seed, 1_000_000)).resolves.toBeUndefined()
})
