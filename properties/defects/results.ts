/** The properties that catch each defect, kept in a file that tests and docs/defects.md read. */

import { readFileSync, writeFileSync } from 'node:fs'
import type { System } from '../../checker/ir/ir.ts'
import { must } from '../../checker/text/at.ts'
import { leastBounds } from '../../spec/worlds/bounds.ts'
import { models } from '../../spec/worlds/index.ts'
import type { Bounds } from '../../spec/worlds/model.ts'
import type { Catcher } from './catchers.ts'
import { caughtBy } from './catchers.ts'
import type { Defect } from './defect.ts'

/** A property that catches a defect, and the length of its shortest counterexample. */
export interface Catch extends Catcher {
  readonly steps: number
}

export interface Caught {
  readonly defect: string
  readonly model: string
  readonly bounds: Bounds
  /** The shortest counterexample first. */
  readonly by: readonly Catch[]
}

/** Small worlds in which the defects of each model show. A defect can multiply the states of a world. */
const SMALL: Readonly<Record<string, Bounds>> = {
  'two-party': { capacity: 2, clientMoves: 1, closes: 2 },
  crossing: { capacity: 2, clientMoves: 1, serverMoves: 1 },
  flood: { capacity: 1, epochs: 2, memory: 2, closes: 0 },
  handshake: { capacity: 1, clients: 2, backlog: 2, closes: 1 },
  'two-clients': { capacity: 1 },
  anycast: { capacity: 2, moves: 1 },
  seeking: { capacity: 1 },
  'off-path': { capacity: 1, clientMoves: 1, serverMoves: 1 },
  replay: { capacity: 2, moves: 1, bystander: 1 },
  rendezvous: { capacity: 1 },
  punching: { capacity: 2, attempts: 1, filters: 1, strangers: 1, loss: 0, reordering: 0 },
  resolution: { capacity: 1, connects: 1, changes: 4, hops: 2 },
  delay: { first: 2, second: 1, cap: 1, room: 2, crashes: 1 },
  eviction: { capacity: 2, binds: 1, moves: 1, restarts: 1, controllers: 2 },
  keeping: { deaths: 1, kills: 1 },
  registration: { capacity: 2, binds: 1, moves: 1, crashes: 1, restarts: 1, giveUp: 1, controllers: 2 },
}

export type Shown = Defect['shownBy'][number]

export const boundsOf = ({ model, bounds }: Shown): Bounds => ({
  ...(bounds?.prompt === 1 ? {} : SMALL[model]),
  ...bounds,
})

/** A model with the defect put back, all bounds that are not named at their least. */
export function brokenWorld({ replacement }: Defect, shown: Shown): System {
  const model = must(models.find(({ name }) => name === shown.model))
  const { system } = model.world(leastBounds(model, boundsOf(shown)), replacement)
  return isPrompt(shown) ? system : caughtBy(system)
}

/** Prompt worlds have no properties but those of endless runs. */
const isPrompt = ({ bounds }: Shown): boolean => bounds?.prompt === 1

const file = new URL('./results.json', import.meta.url)

export const readCaught = (): Caught[] => JSON.parse(readFileSync(file, 'utf8'))

export const writeCaught = (caught: readonly Caught[]): void =>
  writeFileSync(file, `${JSON.stringify(caught, undefined, 2)}\n`)
