/** Walks through every model. `fuzz.test.ts` walks through a few. */
import { expect, test } from 'vitest'
import { models } from '../spec/worlds/index.ts'
import { leastShare, shareTaken } from './testing/coverage.ts'

test.for(models.map(({ name }) => name))('walks of %s say what they have taken', async name => {
  expect(await shareTaken(name)).toBeGreaterThan(leastShare(name))
})
