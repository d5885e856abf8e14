/** For tests: the traces of the corpus. */
import { readdirSync, readFileSync } from 'node:fs'
import { decode } from '../../checker/trace/decode.ts'
import type { Trace } from '../../checker/trace/format.ts'

const folder = new URL('../corpus/', import.meta.url)

/** By the names of their files. */
export const corpus: ReadonlyMap<string, Trace> = new Map(
  readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .map(name => [name, decode(readFileSync(new URL(name, folder), 'utf8'))]),
)

/** Models that are lowered quickly, the quickest first. */
const QUICK = [
  ...['registration', 'eviction', 'resolution', 'delay', 'translator', 'restart'],
  ...['make-before-break', 'crossing'],
  ...['two-party', 'negotiation', 'half-closed', 'challenge'],
]

/** Models without flows, whose scenes no stack plays. */
const UNPLAYED = QUICK.slice(0, 4)

const rank = ({ model }: Trace): number => (QUICK.includes(model) ? QUICK.indexOf(model) : QUICK.length)

const ofDefects = [...corpus].filter(([, { defect }]) => defect !== undefined)

/** For each property the trace that replays most quickly, and the scenes of models that hosts do not play. */
export const sample: readonly (readonly [name: string, trace: Trace])[] = [
  ...new Map(
    ofDefects.toSorted(([, a], [, b]) => rank(b) - rank(a)).map(one => [one[1].invariant, one] as const),
  ).values(),
  ...[...corpus].filter(([, { defect, model }]) => defect === undefined && UNPLAYED.includes(model)),
]
