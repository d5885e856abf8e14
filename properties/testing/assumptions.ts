/** For tests: which assumptions of fairness liveness needs. */
import type { Liveness, System } from '../../checker/ir/ir.ts'
import { explore } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import { leastBounds } from '../../spec/worlds/bounds.ts'
import { models } from '../../spec/worlds/index.ts'
import type { Bounds } from '../../spec/worlds/model.ts'

/** Small worlds in which properties of liveness can fail. */
export const SMALL: readonly (readonly [model: string, bounds: Bounds])[] = [
  ['two-party', { capacity: 1, clientMoves: 1, closes: 2 }],
  ['crossing', { capacity: 1, clientMoves: 1, serverMoves: 1 }],
  ['half-closed', { capacity: 1, clientMoves: 1 }],
  ['make-before-break', { capacity: 1, clientMoves: 1, closes: 2, dead: 1 }],
  ['two-clients', {}],
  ['anycast', {}],
  ['reflection', {}],
  ['rendezvous', {}],
  ['delay', { first: 2, second: 1, crashes: 1 }],
  ['registration', { capacity: 2, binds: 1, moves: 1 }],
  ['eviction', { capacity: 1, binds: 1, controllers: 2 }],
]

const systemOf = (name: string, bounds: Bounds): System => {
  const model = must(models.find(one => one.name === name))
  return model.world(leastBounds(model, bounds)).system
}

/** The property without each of its assumptions in turn, and with each strong one only weak. */
const weakened = (property: Liveness): Liveness[] =>
  Object.entries(property.under ?? {}).flatMap(([family, fair]) => {
    const { [family]: _, ...rest } = property.under ?? {}
    const without = { ...property, id: `${property.id} without ${family}`, under: rest }
    const weaker = {
      ...property,
      id: `${property.id} weak ${family}`,
      under: { ...rest, [family]: 'weak' as const },
    }
    return fair === 'strong' ? [without, weaker] : [without]
  })

/** Assumptions that are needed only where the network holds two packets, a listener has more clients, or there are two controllers. */
export const NEEDED_IN_LARGE_WORLDS: readonly string[] = [
  ...['23 without resolve', '24 without resolve', '38 without resolve'],
  ...[
    '41 weak expire',
    '41 weak timeout',
    '41 without resolve',
    '41 without unanswered',
    '41 without forward',
  ],
  ...['49 weak timeout', '49 without duplicate', '49 without lease ends'],
  ...['5 without forward', '5 without resolve', '6 weak expire', '7 weak timeout'],
]

/**
 * Explores worlds with all their liveness properties. Each property is also tried once for each of its assumptions, with that
 * assumption weakened. Returns the ids of the weakened properties, and the ids of all properties that have a lasso.
 */
export async function weaken(
  worlds: typeof SMALL,
): Promise<{ readonly tried: ReadonlySet<string>; readonly lassos: ReadonlySet<string> }> {
  const tried = new Set<string>()
  const lassos = new Set<string>()
  for (const [name, bounds] of worlds) {
    const system = systemOf(name, bounds)
    const weaker = system.liveness.flatMap(weakened)
    const all = [...system.liveness, ...weaker]
    const { violations } = await explore(
      { ...system, liveness: all },
      { invariants: all.map(({ id }) => id) },
    )
    for (const { id } of weaker) tried.add(id)
    for (const { id } of violations) lassos.add(id)
  }
  return { tried, lassos }
}
