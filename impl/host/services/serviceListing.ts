/** Prints the service table: one line per rule, in columns. */
import type { ServiceRule, Target } from './serviceTable.ts'

const HEADING = ['SERVICE', 'BITS', 'PRIORITY', 'WEIGHT', 'PACKETS', 'BYTES', 'DROPS', 'TARGET']
/** Numeric columns are aligned to the right. */
const NUMBERS = new Set([1, 2, 3, 4, 5, 6])

/** Returns lines without ends, the heading first. `printTarget` prints a listener or an address. */
export function listServices<Listener>(
  rules: readonly ServiceRule<Listener>[],
  printTarget: (target: Target<Listener>) => string,
): readonly string[] {
  const rows = rules.map(({ prefix, priority, weight, packets, bytes, drops, target }) => [
    prefix.text,
    String(prefix.bits),
    String(priority),
    weight === 0 ? 'draining' : String(weight),
    String(packets),
    String(bytes),
    String(drops),
    printTarget(target),
  ])
  const table = [HEADING, ...rows]
  const widths = HEADING.map((_, column) => Math.max(...table.map(row => (row[column] as string).length)))
  return table.map(row =>
    row
      .map((cell, column) =>
        NUMBERS.has(column) ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number),
      )
      .join('  ')
      .trimEnd(),
  )
}
