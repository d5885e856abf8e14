import { styleText } from 'node:util'
import { printable } from '../checker/text/printable.ts'
import { fitTable, wrapText } from '../studio/columns.ts'
import { colour, forTerminal, writeOut } from './rim.ts'

export type Style = Parameters<typeof styleText>[0]

/** The number of columns without a terminal. */
const WIDTH = 100
const NARROWEST = 60

/** Returns the number of columns of standard output. */
export const width = (): number => Math.max(NARROWEST, process.stdout.columns ?? WIDTH)

export { count, plural } from '../checker/text/count.ts'
export { colour } from './rim.ts'

/** Returns `text` in this style if standard output shows colours. */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout })

/** The lines of the screen that is being drawn. */
let held: string[] | undefined

export const print = (text = ''): void => {
  if (held === undefined) writeOut(`${text}\n`)
  else held = held.concat(forTerminal(text, colour()).split('\n'))
}

/** Returns the number of lines of the terminal; `Infinity` if it is unknown. */
export const height = (): number => process.stdout.rows || Number.POSITIVE_INFINITY

/** Moves the cursor to the corner, and clears the screen. */
const CLEAR = '\x1b[H\x1b[J'

/**
 * Replaces the screen of a terminal by what `show` prints, cut to its height. Without a terminal, appends it to the output.
 * Rejects with the error of `show`.
 */
export async function redraw(show: () => Promise<void> | void): Promise<void> {
  if (!process.stdout.isTTY) return await show()
  held = []
  try {
    await show()
    const room = height() - 1
    const lines =
      held.length <= room ? held : [...held.slice(0, room - 1), `and ${held.length - room + 1} more lines`]
    process.stdout.write(`${CLEAR}${lines.join('\n')}\n`)
  } finally {
    held = undefined
  }
}

/** Prints sentences in lines that fit. */
export const printWrapped = (text: string, indent = ''): void =>
  print(
    wrapText(text, width() - indent.length)
      .map(line => indent + line)
      .join('\n'),
  )

/**
 * Prints rows of which the first is a heading. `styleOf` colours cells below it. Without a terminal no word is cut, so that
 * `serval flows | grep 192.0.2.1:54325` finds an address.
 */
export function printTable(
  rows: readonly (readonly string[])[],
  styleOf: (column: number, row: number) => Style | undefined = () => undefined,
): void {
  const cells = rows.map(row => row.map(printable))
  const painted = (piece: string, column: number, row: number) => {
    const style = row === 0 ? 'gray' : styleOf(column, row)
    return style ? paint(style, piece) : piece
  }
  const lines = fitTable(cells, width(), painted, process.stdout.columns !== undefined)
  print(lines.flat().join('\n'))
}

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))

/** Prints a rate with at most three digits: `310 k`, `2.1 M`; `-` before anything was done. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '-'
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} M`
  return perSecond >= 1e3 ? `${Math.round(perSecond / 1e3)} k` : String(Math.round(perSecond))
}

/** Prints a rate of things; a low one for each minute: `12 runs/s`, `31 runs/min`. */
export const speed = (perSecond: number, things: string): string =>
  perSecond < 1 ? `${rate(perSecond * 60)} ${things}/min` : `${rate(perSecond)} ${things}/s`

export const seconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} s`

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `17 B`, `1.5 MiB`. */
export function size(bytes: number): string {
  let unit = 0
  let value = bytes
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** `0.42 ms`, `17 ms`. */
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`

/** Prints an estimated time: `53 s`, `14 min`. */
export const duration = (value: number): string =>
  value < 100 ? `${Math.ceil(value)} s` : `${Math.round(value / 60)} min`
