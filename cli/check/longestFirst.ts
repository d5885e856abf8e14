import { at } from '../../checker/text/at.ts'
import type { CheckRequest } from './unit.ts'

/** The models that take longest at their usual bounds, the longest first. */
const LONGEST: readonly string[] = ['two-party', 'handshake', 'flows', 'flood']

/** Returns worlds in the order in which to begin them, so that no thread works alone at the end. */
export function longestFirst(worlds: CheckRequest['worlds']): CheckRequest['worlds'] {
  return worlds
    .map(world => ({ world, rank: rankOf(world) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ world }) => world)
}

function rankOf({ job: { variant } }: CheckRequest['worlds'][number]): number {
  const place = variant.bounds.prompt === 1 ? -1 : LONGEST.indexOf(variant.model)
  return place < 0 ? LONGEST.length : place
}

/** Returns `results`, each for the world of the same index in `begun`, in the order of `worlds`. Some may be missing. */
export function inOrderOf<World, Result>(
  worlds: readonly World[],
  begun: readonly World[],
  results: readonly Result[],
): Result[] {
  const found = new Map(results.map((result, index) => [at(begun, index), result]))
  return worlds.flatMap(world => found.get(world) ?? [])
}
