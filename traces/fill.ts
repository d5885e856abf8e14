/**
 * Fills the corpus with the scenes, and with each defect's shortest counterexample in each model that shows it.
 * `npm run corpus` records all of them; with ids of defects and names of scenes, only those.
 */

import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { explore } from '../checker/search/explore.ts'
import { encode } from '../checker/trace/encode.ts'
import { recordTrace } from '../checker/trace/record.ts'
import { settingOf } from '../checker/trace/setting.ts'
import { defects } from '../properties/defects/index.ts'
import { catalogue } from './catalogue.ts'
import { recordScene, scenes } from './scenes.ts'

const corpus = new URL('corpus/', import.meta.url)
const wanted = process.argv.slice(2)

for (const { id, shownBy } of defects) {
  if (wanted.length > 0 && !wanted.includes(id)) continue
  for (const old of readdirSync(corpus)) if (old.startsWith(`${id}-`)) rmSync(new URL(old, corpus))
  for (const { model, bounds = {} } of shownBy) {
    const setting = settingOf({ model, bounds, defect: id }, catalogue)
    const { violations } = await explore(setting.world.system, { stop: 'first' })
    const [violation] = violations
    if (!violation) throw new Error(`no property of ${model} catches ${id}`)
    const file = `${id}-${model}-${violation.id}.json`
    writeFileSync(
      new URL(file, corpus),
      encode(recordTrace(setting, violation.rules, { source: 'check', violation })),
    )
    console.log(`${file}: ${violation.rules.length} steps`)
  }
}

for (const scene of scenes) {
  if (wanted.length > 0 && !wanted.includes(scene.name)) continue
  const trace = recordScene(scene)
  writeFileSync(new URL(`${scene.name}.json`, corpus), encode(trace))
  console.log(`${scene.name}.json: ${trace.steps.length} steps`)
}
