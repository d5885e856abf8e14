import { expect, test } from 'vitest'
import { explore } from '../checker/search/explore.ts'
import { SLOW } from '../checker/testing/limits.ts'
import { eviction } from '../spec/worlds/registration/model.ts'

test(
  'every transition is taken when the host listens twice, an operator evicts it and a stranger claims its name',
  SLOW,
  async () => {
    const bounds = Object.fromEntries(
      Object.entries(eviction.bounds).map(([name, bound]) => [name, bound.default]),
    )
    const { system } = eviction.world({ ...bounds, binds: 2, giveUp: 1, controllers: 1, strangers: 1 })
    const { coverage, verdict } = await explore(system)
    expect(system.coverage.filter((_, i) => coverage[i] === 0)).toEqual([])
    expect(verdict).toBe('holds')
  },
)
