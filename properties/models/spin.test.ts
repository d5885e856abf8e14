import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { promela } from '../../checker/codegen/promela/promela.ts'
import { explore } from '../../checker/search/explore.ts'
import { SLOW } from '../../checker/testing/limits.ts'
import { countStates } from '../../checker/testing/spin.ts'
import { hasSpin } from '../../checker/testing/tools.ts'
import { must } from '../../checker/text/at.ts'
import { models } from '../../spec/worlds/index.ts'

const here = hasSpin()
const dir = mkdtempSync(join(tmpdir(), 'serval-spin-models-'))
afterAll(() => rmSync(dir, { recursive: true }))

const small = { capacity: 1, aborts: 0, giveUp: 0, data: 0 }

describe.runIf(here)('SPIN finds as many states and steps as the checker', SLOW, () => {
  test.for([
    ['two-party', { ...small, clientMoves: 1, closes: 1 }],
    ['two-party', { ...small, clientMoves: 1, capacity: 2, closes: 2 }],
    ['crossing', { ...small, clientMoves: 1 }],
    ['crossing', { ...small, clientMoves: 1, capacity: 2, data: 1 }],
    ['anycast', { ...small, moves: 0 }],
    ['anycast', { ...small, moves: 1, capacity: 2, duplication: 0 }],
    ['handshake', { ...small, clients: 1, shut: 0 }],
    ['resolution', { capacity: 1, connects: 1, changes: 2 }],
    ['delay', { first: 1, second: 1 }],
    ['rendezvous', { capacity: 1, loss: 0, stranger: 0 }],
  ] as const)('in %s with %o', async ([name, bounds]) => {
    const model = must(models.find(known => known.name === name))
    const defaults = Object.fromEntries(
      Object.entries(model.bounds).map(([bound, { default: value }]) => [bound, value]),
    )
    const { system } = model.world({ ...defaults, ...bounds })
    const checked = await explore(system, { invariants: 'none' })
    const spin = await countStates(promela(system, { bodies: 'c' }), { dir, flags: ['-O0'], hashBits: 18 })
    expect(checked.distinct).toBeGreaterThan(100)
    expect(spin).toMatchObject({ distinct: checked.distinct, transitions: checked.generated })
  })
})
