/** For tests: replays traces of the corpus on the stack. */
import { readdirSync, readFileSync } from 'node:fs'
import { must } from '../../../checker/text/at.ts'
import { decode } from '../../../checker/trace/decode.ts'
import type { Trace } from '../../../checker/trace/format.ts'
import { models } from '../../../spec/worlds/index.ts'
import type { SalSetting } from '../../catalogue.ts'
import { replayOnStack, soundSetting } from '../onStack.ts'
import { isPlayed } from '../play.ts'

const corpus = new URL('../../corpus/', import.meta.url)

export const readTrace = (name: string): Trace => decode(readFileSync(new URL(name, corpus), 'utf8'))

const played = new Set(models.filter(isPlayed).map(({ name }) => name))

/** The accepter's flow ends by a FIN of the opener, who goes on: another stack may remove a flow so, and a host never does. */
const OTHER_STACK = 'S71-flows-71.json'

/** The traces that the stack can play, by the names of their files. */
export const playable: readonly string[] = readdirSync(corpus).filter(
  name => name.endsWith('.json') && name !== OTHER_STACK && played.has(readTrace(name).model),
)

/** Settings by model and bounds: lowering a world takes tenths of a second, and many traces share one. */
const settings = new Map<string, SalSetting>()
export const remembered: typeof soundSetting = trace => {
  const key = JSON.stringify([trace.model, trace.bounds])
  if (!settings.has(key)) settings.set(key, soundSetting(trace))
  return must(settings.get(key))
}

/** Compares a replay on the stack with the trace. Returns what must be equal, and what is. */
export function comparedOnStack(name: string) {
  const trace = readTrace(name)
  const { outcome, at, steps, recorded } = replayOnStack(trace, remembered)
  // The stack takes all steps up to the one at which the defect shows; it cannot take one that only the defect allows.
  const untaken = at?.difference.part === 'choice' ? 1 : 0
  return {
    outcome,
    outcomes: trace.defect === undefined ? ['same'] : ['same', 'defect'],
    steps,
    expectedSteps: outcome === 'same' ? recorded : must(at).step - untaken,
    difference: JSON.stringify(at),
  }
}
