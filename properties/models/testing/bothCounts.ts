/** For tests: counts the states of a model with the checker, and with SPIN. */
import { promela } from '../../../checker/codegen/promela/promela.ts'
import { explore } from '../../../checker/search/explore.ts'
import { countStates } from '../../../checker/testing/spin.ts'
import { must } from '../../../checker/text/at.ts'
import { models } from '../../../spec/worlds/index.ts'
import type { Bounds } from '../../../spec/worlds/model.ts'

const small = { capacity: 1, aborts: 0, giveUp: 0, data: 0 }

/** Bounds at which SPIN counts in seconds. The first of each model is the smallest. */
export const counted: readonly (readonly [model: string, bounds: Bounds])[] = [
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
]

export interface Counts {
  readonly distinct: number
  readonly transitions: number
}

/** Returns the counts of both. SPIN's program stands in `dir`. */
export async function bothCounts(
  name: string,
  bounds: Bounds,
  dir: string,
): Promise<{ readonly checker: Counts; readonly spin: Counts }> {
  const model = must(models.find(known => known.name === name))
  const defaults = Object.fromEntries(
    Object.entries(model.bounds).map(([bound, { default: value }]) => [bound, value]),
  )
  const { system } = model.world({ ...defaults, ...bounds })
  const { distinct, generated } = await explore(system, { invariants: 'none' })
  const spin = await countStates(promela(system, { bodies: 'c' }), { dir, flags: ['-O0'], hashBits: 18 })
  return {
    checker: { distinct, transitions: generated },
    spin: { distinct: spin.distinct, transitions: spin.transitions },
  }
}
