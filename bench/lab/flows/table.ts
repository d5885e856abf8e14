/** The rows of a comparison. */
import { must } from '../../../checker/text/at.ts'
import type { Comparison, Download } from './compare.ts'
import { bytesAt, gapAfter, rateOf } from './measures.ts'

export const COLUMNS = ['run', 'network', 'transport', 'Mb/s', 'gap', 'share', 'lost']

/** Returns a row for each download. The gap is the longest one after the first fault; the share that of a race. */
export function rowsOf(
  { name, what, faults = [], isRace }: Comparison,
  downloads: readonly Download[],
): string[][] {
  const untilMs = Math.min(...downloads.map(({ samples }) => samples.at(-1)?.t ?? 0))
  const sum = downloads.reduce((total, { samples }) => total + bytesAt(samples, untilMs), 0)
  const [first] = faults
  return downloads.map(({ contender, samples, isWhole }, i) => [
    i === 0 ? name : '',
    i === 0 ? what : '',
    contender,
    rateOf(samples).toFixed(1),
    first === undefined ? '' : `${Math.round(gapAfter(samples, first.afterMs))} ms`,
    isRace ? (bytesAt(samples, untilMs) / sum).toFixed(2) : '',
    isWhole ? 'nothing' : `all after ${must(samples.at(-1)).bytes} bytes`,
  ])
}
