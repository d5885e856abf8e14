/**
 * Chooses rules of a chain for the repetitions of a packet, one after the other. Chance decides about the first as usual. Then
 * follow the others of its priority, from a place that also follows from chance, so that the flows of one dead instance
 * do not all meet again at its neighbour; and then those of lower priorities.
 */
import { at } from '../../../../checker/text/at.ts'
import { choose, type RuleRows } from './ruleRows.ts'

/** Odd, so that the second choice depends on other digits of `pick` than the first. */
const STRIDE = 7919

/**
 * Returns the rule for repetition number `attempt` (0 for the first packet), among the rows for which `mayAsk` holds. 0 if there
 * is none.
 */
export function chooseAgain(
  rules: RuleRows,
  head: number,
  pick: number,
  attempt: number,
  mayAsk: (row: number) => boolean,
): number {
  return nextOf(orderOf(rules, head, pick), attempt, mayAsk) ?? 0
}

/** Returns item number `attempt` of a list that is repeated without end, or the next one after it for which `mayAsk` holds. */
export function nextOf<T>(list: readonly T[], attempt: number, mayAsk: (item: T) => boolean): T | undefined {
  for (let i = 0; i < list.length; i++) {
    const item = at(list, (attempt + i) % list.length)
    if (mayAsk(item)) return item
  }
  return undefined
}

/** Returns the rows of a live chain in the order in which they are asked. */
function orderOf(rules: RuleRows, head: number, pick: number): number[] {
  const first = choose(rules, head, pick)
  const byPriority = new Map<number, number[]>()
  for (let row = head; row !== 0; row = rules.nextOf(row)) {
    if (row === first || rules.shareOf(row) === 0) continue
    const priority = rules.priorityOf(row)
    const those = byPriority.get(priority)
    if (those === undefined) byPriority.set(priority, [row])
    else those.push(row)
  }
  const chance = (pick * STRIDE) % 1
  const others = [...byPriority].sort(([a], [b]) => b - a).flatMap(([, rows]) => turned(rows, chance))
  return first === 0 ? others : [first, ...others]
}

/** Returns the list from a place that chance, in [0, 1), chooses, up to its end, and then from its beginning. */
function turned(rows: readonly number[], chance: number): readonly number[] {
  const start = Math.floor(chance * rows.length)
  return [...rows.slice(start), ...rows.slice(0, start)]
}
