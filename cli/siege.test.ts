import { expect, test } from 'vitest'
import { besiege } from './siege.ts'

test('processes survive mutants of the packets that they exchange', async () => {
  await expect(besiege(1, 20_000)).resolves.toBeUndefined()
})
