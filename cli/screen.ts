import { styleText } from 'node:util'
import { printable } from '../checker/text/printable.ts'
import { fitTable, wrapText } from '../studio/columns.ts'
import { colour, forTerminal, writeOut } from './rim.ts'

export type Style = Parameters<typeof styleText>[0]

/** Columns where there is no terminal to ask. */
const WIDTH = 100
const NARROWEST = 60

/** Columns of standard output. */
export const width = (): number => Math.max(NARROWEST, process.stdout.columns ?? WIDTH)

export { count, plural } from '../checker/text/count.ts'
export { colour } from './rim.ts'

/** Coloured where standard output shows colours. */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout })

/** The lines of the screen that is being drawn. */
let held: string[] | undefined

export const print = (text = ''): void => {
  if (held === undefined) writeOut(`${text}\n`)
  else held = held.concat(forTerminal(text, colour()).split('\n'))
}

/** Lines of the terminal; `Infinity` where there is none, or it does not say. */
export const height = (): number => process.stdout.rows || Number.POSITIVE_INFINITY

/** Moves the cursor to the corner, and clears the screen. */
const CLEAR = '\x1b[H\x1b[J'

/**
 * At a terminal what `show` prints takes the place of all that stands there, at once and as far as it fits; elsewhere it
 * comes after what was printed before. Rejects with what `show` rejects with.
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

/** Prints rows of which the first is a heading. `styleOf` colours cells below it. */
export function printTable(
  rows: readonly (readonly string[])[],
  styleOf: (column: number, row: number) => Style | undefined = () => undefined,
): void {
  const cells = rows.map(row => row.map(printable))
  const lines = fitTable(cells, width(), (piece, column, row) => {
    const style = row === 0 ? 'gray' : styleOf(column, row)
    return style ? paint(style, piece) : piece
  })
  print(lines.flat().join('\n'))
}

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))

/** `310 k`, `2.1 M`: three digits are enough for a rate. `-` before anything was done. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '-'
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} M`
  return perSecond >= 1e3 ? `${Math.round(perSecond / 1e3)} k` : String(Math.round(perSecond))
}

export const seconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} s`

/** `53 s`, `14 min`: for what is only guessed. */
export const duration = (value: number): string =>
  value < 100 ? `${Math.ceil(value)} s` : `${Math.round(value / 60)} min`
