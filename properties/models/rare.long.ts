/** Worlds beyond the default bounds of their models, each for what it alone shows. */
import { describe, expect, test } from 'vitest'
import { type Exploration, explore } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import { leastBounds } from '../../spec/worlds/bounds.ts'
import { models } from '../../spec/worlds/index.ts'
import type { Bounds } from '../../spec/worlds/model.ts'

/** Explores a model, all bounds that are not named at their least. Resolves also to the transitions that some step took. */
async function explored(name: string, bounds: Bounds): Promise<{ found: Exploration; taken: string[] }> {
  const model = must(models.find(one => one.name === name))
  const { system } = model.world(leastBounds(model, bounds))
  const found = await explore(system)
  return { found, taken: system.coverage.filter((_, point) => must(found.coverage[point]) > 0) }
}

describe('the smallest world that takes a transition', () => {
  test.for([
    [
      'flow migration.RSYN_SENT_RECV GIVEUP #1',
      'make-before-break',
      { capacity: 1, clientMoves: 1, serverMoves: 1, dead: 1 },
    ],
    // The path of the first flow dies when its peer has closed, and one of two joins fails.
    ['connection flows.CLOSING DOWN #4', 'flows', { adds: 2, deaths: 1, closes: 2, aborts: 1 }],
    ['connection flows.OPEN KEEP #2', 'flows', { adds: 1, removes: 1, keeps: 2 }],
  ] as const)('%s: %s with %o', async ([transition, model, bounds]) => {
    const { found, taken } = await explored(model, bounds)
    expect(found.verdict).toBe('holds')
    expect(taken).toContain(transition)
  })
})

test('flows join, and are removed, while others move to paths that work', async () => {
  const { found } = await explored('flows', { adds: 2, removes: 1, deaths: 1, moves: 1, data: 1 })
  expect(found).toMatchObject({ verdict: 'holds', violations: [] })
  expect(found.distinct).toBeGreaterThan(100_000)
})
