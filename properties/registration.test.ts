import { describe, expect, test } from 'vitest'
import { lowerRegistration } from '../spec/models/registration/model.ts'
import { explore } from './checker/explore.ts'
import { registrationDefects } from './defects/registration.ts'

const bounds = {
  ...{ capacity: 2, loss: 1, duplication: 1, binds: 1, moves: 1, children: 1 },
  ...{ crashes: 1, restarts: 1, giveUp: 1, controllers: 2 },
}

describe('registration', () => {
  test('holds, with two controllers on one registry, whatever becomes of messages', {
    timeout: 0,
  }, async () => {
    const { verdict, distinct } = await explore(lowerRegistration(bounds).system)
    expect([verdict, distinct]).toEqual(['holds', 116_409])
  })

  test('every transition is taken when the host listens twice', { timeout: 0 }, async () => {
    const { system } = lowerRegistration({ ...bounds, binds: 2, controllers: 1 })
    const { coverage } = await explore(system)
    expect(system.coverage.filter((_, i) => coverage[i] === 0)).toEqual([])
  })

  test.for(registrationDefects)('$id is found: $sentence', { timeout: 0 }, async ({ id, replacement }) => {
    const { violations } = await explore(lowerRegistration(bounds, replacement).system)
    expect(violations.map(violation => violation.id)).toContain(/\d+/.exec(id)![0])
  })
})
