/** Tables of plain text that fit a width. */

import { at } from '../checker/text/at.ts'

/** Between two columns. */
const GAP = 2

/** A column is never made narrower than this, even where the table then does not fit. */
const NARROWEST = 8

/** Colours a piece of a cell, spaces included; must not change what is seen of its width. */
export type Paint = (piece: string, column: number, row: number) => string

/**
 * Rows as lines of at most `width` columns: cells that are too long continue on further lines of their row. The widest
 * columns give way first. Words longer than their column are cut, unless `cutsWords` is false: then the lines are longer.
 */
export function fitTable(
  rows: readonly (readonly string[])[],
  width: number,
  paint: Paint = piece => piece,
  cutsWords = true,
): string[][] {
  const widths = fitWidths(rows, width, cutsWords)
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => wrapText(cell, at(widths, column)))
    const height = Math.max(1, ...cells.map(lines => lines.length))
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, column) => {
          const piece = lines[line] ?? ''
          const rest = ' '.repeat(at(widths, column) - piece.length + GAP)
          return piece === '' ? rest : paint(piece, column, index) + rest
        })
        .join('')
        .trimEnd(),
    )
  })
}

/** Widths that fit: the widest column gives way, first down to its longest word, then below. */
function fitWidths(rows: readonly (readonly string[])[], width: number, cutsWords: boolean): number[] {
  const count = Math.max(0, ...rows.map(row => row.length))
  const widest = (measure: (cell: string) => number) =>
    Array.from({ length: count }, (_, column) => Math.max(0, ...rows.map(row => measure(row[column] ?? ''))))
  const widths = widest(cell => cell.length)
  const words = widest(cell => Math.max(NARROWEST, ...cell.split(' ').map(word => word.length)))
  let over = widths.reduce((sum, each) => sum + each, 0) + GAP * (count - 1) - width
  for (const floors of cutsWords ? [words, words.map(() => NARROWEST)] : [words]) {
    for (; over > 0; over -= 1) {
      const wide = widths.map((each, column) => (each > at(floors, column) ? each : 0))
      const most = Math.max(0, ...wide)
      if (most === 0) break
      widths[wide.indexOf(most)] = at(widths, wide.indexOf(most)) - 1
    }
  }
  return widths
}

/** Text in lines of at most `width` characters, broken at spaces where there are any. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width))
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}
