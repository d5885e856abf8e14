import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at } from '../checker/text/at.ts'
import { fitTable, wrapText } from './columns.ts'

test('aligns columns, and keeps a row that fits on one line', () => {
  expect(
    fitTable(
      [
        ['a', 'bcd', 'e'],
        ['wide', '', 'f'],
      ],
      20,
    ),
  ).toEqual([['a     bcd  e'], ['wide       f']])
})

test('long cells wrap, and the widest column shrinks first', () => {
  expect(fitTable([['state', 'one two three four five six']], 22)).toEqual([
    ['state  one two three', '       four five six'],
  ])
})

test('words are split only if no column can shrink otherwise', () => {
  expect(fitTable([['transmission', 'a b c d e f']], 22)).toEqual([
    ['transmission  a b c d', '              e f'],
  ])
  expect(fitTable([['transmission', 'confirmation']], 20)).toEqual([
    ['transmiss  confirmat', 'ion        ion'],
  ])
})

test('without cutting words a table may be wider than its width', () => {
  const rows = [['transmission of segments', 'confirmation']]
  expect(fitTable(rows, 20, undefined, false)).toEqual([['transmission  confirmation', 'of segments']])
  expect(
    fitTable(rows, 20)
      .flat()
      .every(line => line.length <= 20),
  ).toBe(true)
})

test('painting changes neither width nor text', () => {
  const painted = fitTable([['a', 'long words here']], 12, (piece, column) => `<${column}>${piece}</>`)
  expect(painted.map(lines => lines.map(line => line.replace(/<[^>]*>/g, '')))).toEqual(
    fitTable([['a', 'long words here']], 12),
  )
  expect(at(painted, 0)[0]).toBe('<0>a</>  <1>long</>')
})

test('no line exceeds the width, and no letter is lost', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '→'), maxLength: 60 })
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 28, max: 90 }), (table, width) => {
      const lines = fitTable(table, width).flat()
      expect(lines.filter(line => line.length > width)).toEqual([])
      const letters = (text: string) => [...text.replaceAll(' ', '')].sort().join('')
      expect(letters(lines.join(''))).toBe(letters(table.flat().join('')))
    }),
  )
})

test('wrapping breaks at spaces, and inside a word only if necessary', () => {
  expect(wrapText('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrapText('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k'])
  expect(wrapText('', 4)).toEqual([''])
})
