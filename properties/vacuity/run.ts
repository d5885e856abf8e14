/**
 * `npm run vacuity`: forces every condition of every invariant to true and to false, and looks which variants some world notices.
 * Takes about eight minutes of processor time. Writes results.json and docs/vacuity.md.
 */
import { writeFileSync } from 'node:fs'
import { LongRun } from '../../checker/testing/longRun.ts'
import { noticedByRight, noticedByWrong, openIn } from './judge.ts'
import { idOf, reportOf } from './report.ts'
import { type Result, readResults, writeResults } from './results.ts'
import type { Variant } from './variants.ts'
import { type Judging, right, wrong } from './worlds.ts'

/** The result of each variant so far, by its name. */
const results = new Map<string, Result>()
const isOpen = ({ name }: Variant): boolean => results.get(name)?.by === undefined
/** The invariants that have variants which nothing has noticed. */
const openIds = (): ReadonlySet<string> =>
  new Set([...results.values()].filter(({ by }) => by === undefined).map(({ variant }) => idOf(variant)))

const run = new LongRun('vacuity', right.length + wrong.length)
let done = 0

async function judge(
  { name, system: make }: Judging,
  choose: (variant: Variant) => boolean,
  notices: typeof noticedByRight,
): Promise<void> {
  const system = make()
  const open = openIn(system, choose)
  for (const variant of open) results.set(variant.name, { variant: variant.name, is: variant.is })
  const found = open.length > 0 ? await notices(system, open) : []
  for (const variant of found) results.set(variant.name, { variant: variant.name, is: variant.is, by: name })
  process.stdout.write(`${name}: notices ${found.length} of ${open.length}\n`)
}

for (const world of right) {
  await judge(world, isOpen, noticedByRight)
  run.at(++done)
}
for (const world of wrong) {
  const ids = openIds()
  const breaks = new Set(world.breaks.filter(id => ids.has(id)))
  const isAsked = (variant: Variant): boolean =>
    breaks.has(variant.id) && results.has(variant.name) && isOpen(variant)
  if (breaks.size > 0) await judge(world, isAsked, noticedByWrong)
  run.at(++done)
}

const inOrder = [...results.values()].sort((a, b) =>
  a.variant.localeCompare(b.variant, 'en', { numeric: true }),
)
writeResults(inOrder)
run.over({ variants: inOrder.length, open: inOrder.filter(({ by }) => by === undefined).length })
writeFileSync(new URL('../../docs/vacuity.md', import.meta.url), reportOf(readResults()))
