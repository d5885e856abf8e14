/** For tests: short texts of rules that stand for programs beyond all bounds. */
import { bits } from '../value.ts'
import { afterwards } from './smallWorld.ts'

/** Each is too long to read, or to write. */
export const endless = {
  'calls of calls': 'w.x = fib(40)',
  'a sum of many': `w.x = ${Array(600).fill('w.x').join(' + ')}`,
  'rounds in rounds': 'for (let i = 0; i < 4000; i++) for (let j = 0; j < 4000; j++) w.x = (w.x + 1) & 7',
  'stores to an item that is computed': 'for (let i = 0; i < 900; i++) w.a[w.i] = 1 - w.a[(w.i + i) % 900]',
} as const

/** Returns a shape with a list of `n` items. */
export const listOf = (n: number) => ({
  a: Array.from({ length: n }, () => bits(1)),
  i: bits(10),
  x: bits(5),
  y: bits(5),
})

/** Lowers a rule with this text. Throws LOWER_SIZE. */
export function lowerEndless(text: string): void {
  const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2))
  const take = new Function('w', text) as (w: never) => void
  afterwards(listOf(900) as never, take, { fib })
}
