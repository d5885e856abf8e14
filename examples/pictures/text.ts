/** Pictures in text. */
import type { Slots } from './timeline.ts'

const LEVELS = ' ▁▂▃▄▅▆▇█'

/** One line for each series, one column for each slot; the highest bar of all is full. Below, the time. */
export function bars({ series, slotMs }: Slots): string[] {
  const most = Math.max(...series.flatMap(({ amounts }) => amounts), 1e-9)
  const margin = Math.max(...series.map(({ name }) => name.length)) + 2
  const lines = series.map(({ name, amounts }) => {
    // Something is never drawn as nothing.
    const columns = amounts.map(amount => LEVELS[Math.ceil((amount / most) * (LEVELS.length - 1))])
    return `${name.padEnd(margin)}${columns.join('')}`.trimEnd()
  })
  return [...lines, `${' '.repeat(margin)}${timeAxis(series[0]!.amounts.length, slotMs)}`]
}

/** Columns between two times. */
const TICK = 15

function timeAxis(columns: number, slotMs: number): string {
  let line = ''
  for (let column = 0; column < columns; column += TICK)
    line = `${line.padEnd(column)}|${((column * slotMs) / 1000).toFixed(1)} s`
  return line
}

/** One line for each slot, with the shares of the series side by side, each in a letter of its own. */
export function stackedBars({ series, slotMs }: Slots, width: number): string[] {
  const totals = series[0]!.amounts.map((_, slot) => sum(series.map(({ amounts }) => amounts[slot]!)))
  const most = Math.max(...totals, 1)
  const lines = totals.map((_, slot) => {
    let bar = ''
    let upTo = 0
    series.forEach(({ amounts }, index) => {
      upTo += amounts[slot]!
      bar = bar.padEnd(Math.round((upTo / most) * width), letterOf(index))
    })
    return `${`${((slot * slotMs) / 1000).toFixed(1)} s`.padStart(8)}  ${bar}`.trimEnd()
  })
  const legend = series.map(({ name }, index) => `${letterOf(index)} ${name}`).join('   ')
  return [...lines, `${' '.repeat(10)}${legend}`]
}

export const letterOf = (index: number): string => String.fromCharCode(97 + index)

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
