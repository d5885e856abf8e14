/**
 * `node properties/defects/table.ts [ID...]`: puts each defect back, or those with these ids, explores the models that
 * show it, and writes results.json and docs/defects.md: which invariants catch it, and the steps of the shortest trace.
 */
import { writeFileSync } from 'node:fs'
import { type ExploreOptions, explore } from '../../checker/search/explore.ts'
import { nameOf } from './catchers.ts'
import type { Defect } from './defect.ts'
import { defects } from './index.ts'
import { reportOf } from './report.ts'
import {
  boundsOf,
  brokenWorld,
  type Catch,
  type Caught,
  readCaught,
  type Shown,
  writeCaught,
} from './results.ts'

/** Returns the options of each exploration. The smallest world of `replay` with data is too large to explore completely. */
const asked = ({ model }: Shown): readonly ExploreOptions[] =>
  model === 'replay' ? ['30', '31'].map(id => ({ invariants: [id], stop: 'first' })) : [{}]

async function catchesOf(defect: Defect, shown: Shown): Promise<Catch[]> {
  const found: Catch[] = []
  for (const options of asked(shown)) {
    const { violations } = await explore(brokenWorld(defect, shown), options)
    found.push(...violations.map(({ kind, id, rules }) => ({ kind, id, steps: rules.length })))
  }
  return found.sort((a, b) => a.steps - b.steps)
}

const wanted = process.argv.slice(2)
const known = readCaught()

const caught: Caught[] = []
for (const defect of defects) {
  if (wanted.length > 0 && !wanted.includes(defect.id)) {
    caught.push(...known.filter(one => one.defect === defect.id))
    continue
  }
  for (const shown of defect.shownBy) {
    const by = await catchesOf(defect, shown)
    caught.push({ defect: defect.id, model: shown.model, bounds: boundsOf(shown), by })
    const who = by.map(one => `${nameOf(one)} (${one.steps})`)
    process.stdout.write(`${defect.id} ${shown.model}: ${who.join(', ')}\n`)
  }
}
writeCaught(caught)
writeFileSync(new URL('../../docs/defects.md', import.meta.url), reportOf(caught))
