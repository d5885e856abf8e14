/** Writes docs/defects.md from the results. */

import { readdirSync } from 'node:fs'
import { must } from '../../checker/text/at.ts'
import { nameOf } from './catchers.ts'
import { defects } from './index.ts'
import type { Caught } from './results.ts'

const worldText = ({ model, bounds }: Caught): string =>
  [model, ...Object.entries(bounds).map(([name, value]) => `${name}=${value}`)].join(' ')

/** Returns the file name of the trace that `npm run corpus` records of a defect in a model. */
const traceOf = ({ defect, model }: Caught): string =>
  readdirSync(new URL('../../traces/corpus/', import.meta.url)).find(file =>
    file.startsWith(`${defect}-${model}-`),
  ) ?? ''

const rowOf = (caught: Caught): string => {
  const { sentence } = must(defects.find(({ id }) => id === caught.defect))
  const by = caught.by.map(one => `${nameOf(one)} (${one.steps})`).join(', ')
  const trace = traceOf(caught)
  const cells = [caught.defect, sentence, worldText(caught), by, `[${trace}](../traces/corpus/${trace})`]
  return `| ${cells.join(' | ')} |`
}

export const reportOf = (results: readonly Caught[]): string => `# Defects, and the properties that catch them

Each known defect is a small patch of a machine's guards, actions or transitions, or of a function beside it
(\`properties/defects\`). The checker finds every one of them. Defects with a D are the prototype's, as
[protocol.md](protocol.md#the-prototypes-defects) numbers them. Those with an S are seeded: each was written to violate the
property of its number.

Each row is one exploration of a small world. It lists every property that the defect violates, with the length of the
shortest counterexample; in the model \`replay\` the search stops at the first violation. \`npx serval invariants\` prints the
sentence of each property. The trace is the one that \`serval check MODEL --defect ID\` finds. Its default bounds allow more,
so it may be shorter. [mutants.md](mutants.md) lists the same by property.

\`node properties/defects/table.ts\` generates this page.

| defect | what goes wrong | world | caught by (steps) | trace |
|---|---|---|---|---|
${results.map(rowOf).join('\n')}
`
