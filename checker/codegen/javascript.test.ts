import { expect, test } from 'vitest'
import type { BinaryOp, Expr, Stmt } from '../ir/ir.ts'
import { printNumber, printTruth } from '../ir/print.ts'
import { printStatements, type Vocabulary } from './javascript.ts'

const get = (name: string): Expr => ({ op: 'get', name })
const number = (value: number): Expr => ({ op: 'number', value })
const binary = (op: BinaryOp, left: Expr, right: Expr): Expr => ({ op, left, right })

const words: Vocabulary = {
  read: name => `cells.${name}`,
  check: (_, value) => value,
  store: (name, value) => `cells.${name} = ${value}`,
  cover: point => `log.push(${point})`,
  emit: (effect, args) =>
    `log.push(['${effect}', ${args.map(({ name, value }) => `'${name}', ${value}`).join(', ')}])`,
}

function run(body: readonly Stmt[], cells: Record<string, number>): unknown[] {
  const log: unknown[] = []
  new Function('cells', 'log', printStatements(body, words))(cells, log)
  return log
}

const plain = { ...words, read: (name: string) => name }

test('truth values that are used as numbers are numbers', () => {
  const value = (expr: Expr) => new Function('cells', `return ${printNumber(expr, words)}`)({ a: 5, b: 2 })
  expect(value(binary('+', binary('<', get('b'), get('a')), number(1)))).toBe(2)
  expect(value(binary('==', binary('&&', get('a'), get('b')), number(1)))).toBe(1)
  expect(value(binary('||', get('a'), get('b')))).toBe(1)
  expect(value({ op: '!', of: get('a') })).toBe(0)
  expect(value(binary('-', number(-1), number(-2)))).toBe(1)
})

test('numbers that are tested are compared with 0', () => {
  expect(printTruth(binary('&&', get('a'), { op: '!', of: get('b') }), plain)).toBe(
    '((a !== 0) && !(b !== 0))',
  )
  expect(printTruth({ op: '?', test: get('a'), yes: number(0), no: get('b') }, plain)).toBe(
    '((a !== 0) ? false : (b !== 0))',
  )
})

test('statements run in order, with every branch', () => {
  const body: Stmt[] = [
    { do: 'set', name: 'a', value: binary('*', get('a'), number(3)) },
    {
      do: 'if',
      test: binary('>', get('a'), number(4)),
      yes: [{ do: 'cover', point: 0 }],
      no: [{ do: 'cover', point: 1 }],
    },
    {
      do: 'switch',
      on: get('a'),
      cases: [
        { value: 6, body: [{ do: 'cover', point: 2 }] },
        { value: 3, body: [{ do: 'cover', point: 3 }] },
      ],
      otherwise: [{ do: 'cover', point: 4 }],
    },
    { do: 'emit', effect: 'send', args: [{ name: 'to', value: get('a') }] },
  ]
  expect(run(body, { a: 2 })).toEqual([0, 2, ['send', 'to', 6]])
  expect(run(body, { a: 1 })).toEqual([1, 3, ['send', 'to', 3]])
  expect(run(body, { a: 3 })).toEqual([0, 4, ['send', 'to', 9]])
})
