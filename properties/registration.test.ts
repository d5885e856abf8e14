import { expect, test } from 'vitest'
import { explore } from '../checker/search/explore.ts'
import { SLOW } from '../checker/testing/limits.ts'
import { registration } from '../spec/worlds/registration/model.ts'

test('every transition is taken when the host listens twice', SLOW, async () => {
  const bounds = Object.fromEntries(
    Object.entries(registration.bounds).map(([name, bound]) => [name, bound.default]),
  )
  const { system } = registration.world({ ...bounds, binds: 2, controllers: 1 })
  const { coverage, verdict } = await explore(system)
  expect(system.coverage.filter((_, i) => coverage[i] === 0)).toEqual([])
  expect(verdict).toBe('holds')
})
