/**
 * Computes how many eventless transitions can follow one event, and rejects those whose order a step could not
 * keep.
 */
import { LowerError } from './errors.ts'
import type { MachineTables, Region } from './machine.ts'

/** Returns the longest chain of eventless transitions in a region. */
function depthOf(region: Region): number {
  const next = new Map<string, string[]>()
  for (const t of region.transitions)
    if (t.event === '') {
      if (!t.target) throw new LowerError('LOWER_LOOP', t.id, 'an eventless transition must leave its state')
      next.set(t.source, [...(next.get(t.source) ?? []), t.target])
    }
  const depth = (state: string, path: readonly string[]): number => {
    if (path.includes(state))
      throw new LowerError('LOWER_LOOP', `${region.name}.${state}`, 'eventless transitions form a cycle')
    return Math.max(0, ...(next.get(state) ?? []).map(s => 1 + depth(s, [...path, state])))
  }
  return Math.max(0, ...region.states.map(s => depth(s.name, [])))
}

/**
 * Finds regions that take eventless transitions together. XState runs their actions in the order in which the
 * regions last moved, which no state records. Exits and entries run in document order.
 */
function rejectRacing(tables: MachineTables): void {
  const racing = tables.regions.filter(r => r.transitions.some(t => t.event === '' && t.actions.length > 0))
  if (racing.length > 1)
    throw new LowerError(
      'LOWER_MACHINE',
      tables.id,
      `eventless transitions with actions in several regions (${racing.map(r => r.name).join(', ')}) have no ` +
        'order of their own; keep them in one region, or put the actions into the entry of their targets',
    )
}

/**
 * Returns the most rounds of eventless transitions after one event. In each round, at least one region moves.
 *
 * @throws LowerError LOWER_LOOP for a cycle, LOWER_MACHINE where regions race
 */
export function eventlessRounds(tables: MachineTables): number {
  rejectRacing(tables)
  return tables.regions.reduce((sum, r) => sum + depthOf(r), 0)
}
