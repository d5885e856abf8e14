import { at } from '../checker/text/at.ts'

/** Beyond this many changed letters two names are different names, not a slip. */
const SLIP = 3

/** `; did you mean 'crossing'?`, or, when nothing is like `given`, `; there are ...`. */
export function suggestion(given: string, known: readonly string[]): string {
  const scored = known.map(name => ({ name, changes: distance(given.toLowerCase(), name.toLowerCase()) }))
  const best = scored.sort((one, other) => one.changes - other.changes)[0]
  const limit = Math.min(SLIP, Math.floor(given.length / 2))
  if (best && best.changes <= limit) return `; did you mean '${best.name}'? There are ${known.join(', ')}`
  return known.length > 0 ? `; there are ${known.join(', ')}` : '; there are none'
}

/** Letters to insert, leave out or replace to make one name of the other (Levenshtein). */
export function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let i = 1; i <= one.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = at(above, j - 1) + Number(one[i - 1] !== other[j - 1])
      row.push(Math.min(replaced, at(above, j) + 1, at(row, j - 1) + 1))
    }
  }
  return at(row, other.length)
}
