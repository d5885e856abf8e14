/** Pictures in text. */
import { at } from '../../checker/text/at.ts'
import type { Slots } from './timeline.ts'

const LEVELS = ' ▁▂▃▄▅▆▇█'

/** One line for each series, one column for each slot; the highest bar of all is full. Below, the time. */
export function bars({ series, slotMs }: Slots): string[] {
  const most = Math.max(...series.flatMap(({ amounts }) => amounts), 1e-9)
  const margin = Math.max(...series.map(({ name }) => name.length)) + 2
  const lines = series.map(({ name, amounts }) => {
    // Draw the smallest amount too.
    const columns = amounts.map(amount => LEVELS[Math.ceil((amount / most) * (LEVELS.length - 1))])
    return `${name.padEnd(margin)}${columns.join('')}`.trimEnd()
  })
  return [...lines, `${' '.repeat(margin)}${timeAxis(at(series, 0).amounts.length, slotMs)}`]
}

/** Columns between two times. */
const TICK = 15

function timeAxis(columns: number, slotMs: number): string {
  let line = ''
  for (let column = 0; column < columns; column += TICK)
    line = `${line.padEnd(column)}|${((column * slotMs) / 1000).toFixed(1)} s`
  return line
}

export interface Mark {
  readonly atMs: number
  readonly text: string
}

/**
 * One line for each slot, with the shares of the series side by side, each in its first letter, and what happened in
 * that time behind it.
 */
export function stackedBars({ series, slotMs }: Slots, width: number, marks: readonly Mark[]): string[] {
  const totals = at(series, 0).amounts.map((_, slot) => sum(series.map(({ amounts }) => at(amounts, slot))))
  const most = Math.max(...totals, 1)
  return totals.map((_, slot) => {
    let bar = ''
    let upTo = 0
    for (const { name, amounts } of series) {
      upTo += at(amounts, slot)
      bar = bar.padEnd(Math.round((upTo / most) * width), name[0])
    }
    const here = marks.filter(({ atMs }) => Math.floor(atMs / slotMs) === slot).map(({ text }) => text)
    const time = `${((slot * slotMs) / 1000).toFixed(1)} s`.padStart(8)
    return `${time}  ${bar.padEnd(width)}  ${here.join(', ')}`.trimEnd()
  })
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
