/** Chooses a rule of a chain: among those of the highest priority, by weight. Rules of weight 0 are ignored. */
import type { RuleRows } from './ruleRows.ts'

/** `pick`, in [0, 1), chooses. The chain that starts at `head` must be live. */
export function choose(rules: RuleRows, head: number, pick: number): number {
  let priority = -1
  let total = 0
  for (let row = head; row !== 0; row = rules.nextOf(row)) {
    const weight = rules.shareOf(row)
    const own = rules.priorityOf(row)
    if (weight === 0 || own < priority) continue
    if (own > priority) total = 0
    priority = own
    total += weight
  }
  let left = pick * total
  for (let row = head; row !== 0; row = rules.nextOf(row)) {
    if (rules.priorityOf(row) !== priority) continue
    if (left < rules.shareOf(row)) return row
    left -= rules.shareOf(row)
  }
  return 0
}
