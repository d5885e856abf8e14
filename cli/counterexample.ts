/** Writes counterexamples to files, and prints them. */

import { encode } from '../checker/trace/encode.ts'
import type { Trace } from '../checker/trace/format.ts'
import { propertyOf } from '../checker/trace/property.ts'
import { traceText } from '../studio/trace/traceText.ts'
import type { SalSetting } from '../traces/catalogue.ts'
import { storyOf } from '../traces/storyOfTrace.ts'
import { writeText } from './files.ts'
import { colour, paint, print, width } from './screen.ts'

/**
 * Writes traces: the first to the user's file, the others under out/, named after what they show. Returns their paths.
 * Throws CLI_WRITE.
 */
export function writeTraces(traces: readonly (readonly Trace[])[], wanted?: string): (readonly string[])[] {
  const taken = new Set<string>()
  let next = wanted
  return traces.map(list =>
    list.map(trace => {
      const path = next ?? freePath(trace, taken)
      next = undefined
      taken.add(path)
      writeText(path, encode(trace))
      return path
    }),
  )
}

/** Traces of the same property are numbered from the second one on. */
function freePath({ source, model, defect, invariant }: Trace, taken: ReadonlySet<string>): string {
  const parts = [...(source === 'fuzz' ? ['fuzz'] : []), model, ...(defect ? [defect] : []), invariant]
  for (let number = 1; ; number++) {
    const path = `out/${[...parts, ...(number > 1 ? [number] : [])].join('-')}.trace.json`
    if (!taken.has(path)) return path
  }
}

/** Returns the property that a trace violates, by number and name, for programs. */
export const violationOf = (
  { invariant, kind, steps }: Trace,
  model: SalSetting['model'],
): Record<string, unknown> => ({
  invariant,
  ...(invariant !== undefined && kind !== undefined
    ? { name: propertyOf(model, invariant, kind).name, kind }
    : {}),
  steps: steps.length,
})

/** Prints the steps as a table, the property that they violate, and the commands that use the file. */
export function printCounterexample(trace: Trace, setting: SalSetting, path: string): void {
  const { safety, recoveries, liveness } = setting.model.invariants
  const lists = { invariant: safety, deadlock: [], recovery: recoveries, liveness }
  const properties = lists[trace.kind ?? 'invariant']
  const source = properties.find(({ id }) => id === trace.invariant)?.source
  print(traceText(storyOf(trace, setting), { width: width(), colour: colour() }).trimEnd())
  if (source) print(`Source of the property: ${source}`)
  print()
  print(`Trace:  ${path}`)
  print(`Replay: ${paint('bold', `npx serval replay ${shellWord(path)}`)}`)
  const page = `${path.replace(/(\.trace)?\.json$/, '')}.html`
  print(`Draw:   npx serval visualize ${shellWord(path)} -o ${shellWord(page)}`)
  print()
}

/** Returns a word quoted for a shell, if necessary. */
const shellWord = (word: string): string =>
  /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
