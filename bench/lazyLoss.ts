/** Measures the most that a reduction by lazy loss can save: explores `two-party` with losses at any time, then only in a full network. */
import type { Expr, System } from '../checker/ir/ir.ts'
import { explore } from '../checker/search/explore.ts'
import { must } from '../checker/text/at.ts'
import { leastBounds } from '../spec/worlds/bounds.ts'
import { twoParty } from '../spec/worlds/flow/models/twoParty.ts'
import { table } from './table.ts'

const SIZES: readonly Readonly<Record<string, number>>[] = [
  { capacity: 2, clientMoves: 1, serverMoves: 1, closes: 1, giveUp: 1 },
  { capacity: 3, clientMoves: 1, serverMoves: 1, closes: 1 },
  { capacity: 2, clientMoves: 2, serverMoves: 1, closes: 2 },
]

/** Returns the system in which packets are lost only where the last place of the network is taken. */
function lazy(system: System): System {
  const last = must(
    system.variables.filter(({ name }) => name.startsWith('net[')).at(-1),
    'the last place of the network',
  )
  const isFull: Expr = {
    op: '!=',
    left: { op: 'get', name: last.name },
    right: { op: 'number', value: 0 },
  }
  const rules = system.rules.map(rule =>
    rule.name.startsWith('lose(')
      ? { ...rule, guard: { op: '&&' as const, left: isFull, right: rule.guard } }
      : rule,
  )
  return { ...system, rules }
}

/** Counts states and steps of both. No property is checked: the question is only how much there is to explore. */
export async function measureLazyLoss(): Promise<string> {
  const rows: string[][] = []
  for (const size of SIZES) {
    const { system } = twoParty.world(leastBounds(twoParty, size))
    const bare = { ...system, recoveries: [], liveness: [], witnesses: [] }
    const whole = await explore(bare, { invariants: 'none' })
    const reduced = await explore(lazy(bare), { invariants: 'none' })
    rows.push([
      String(whole.distinct),
      String(reduced.distinct),
      (whole.distinct / reduced.distinct).toFixed(4),
      String(whole.generated),
      String(reduced.generated),
      (whole.generated / reduced.generated).toFixed(3),
    ])
  }
  return table([['states', 'lazy', 'factor', 'steps', 'lazy', 'factor'], ...rows])
}
