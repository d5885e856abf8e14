import { expect, test } from 'vitest'
import { forTerminal } from './rim.ts'

const EVIL = '\u001b]0;title\u0007\u001b[2J\u009b31m\u202e\u2066\u061c\u007f\u001b[8mhidden'
// biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

test('text from outside steers no terminal, with colours or without', () => {
  expect(forTerminal(`a\n${EVIL}\tb\n`, false)).not.toMatch(UNSAFE)
  expect(forTerminal(EVIL, true)).not.toMatch(UNSAFE)
  expect(forTerminal('a\n\tb', false)).toBe('a\n\tb')
})

test('the colours of commands stay if the terminal has colours', () => {
  const red = '\u001b[31mred\u001b[39m'
  expect(forTerminal(red, true)).toBe(red)
  expect(forTerminal(red, false)).toBe('\\u001b[31mred\\u001b[39m')
})

test('text in black or white is escaped, because it may hide on its background', () => {
  for (const code of [30, 37, 97])
    expect(forTerminal(`\u001b[${code}mhidden`, true)).toBe(`\\u001b[${code}mhidden`)
})
