/** For tests: texts that are nearly valid, reproducible from a seed. */
import { must } from '../../../checker/text/at.ts'
import { seededXoshiro128 } from '../../host/random/xoshiro.ts'

/** Unexpected values. */
const VALUES = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e999',
    '-0',
    '9007199254740993',
    '4294967296',
    '""',
    '"x"',
    '[]',
    '{}',
  ],
  '[[[[[[]]]]]]',
  ...['{"toString":1}', '{"__proto__":{"type":"hello"}}', '"\\u0000\\u001b[2J\\u202e"'],
  ...[
    '"acme/web"',
    '"acme/*"',
    '"*"',
    '"//"',
    '"127.0.0.1:99999"',
    '"[::1]:1"',
    '"forward"',
    '"all"',
    `"${'f'.repeat(64)}"`,
  ],
]
/** Values deeper or longer than any limit. Rare, because they take a decoder's time. */
const HUGE = [
  '['.repeat(7000) + ']'.repeat(7000),
  `${'{"a":'.repeat(900)}1${'}'.repeat(900)}`,
  `"${'y'.repeat(5000)}"`,
]
const HUGE_ONE_IN = 64
/** One in this many replaced JSON values has the wrong type. */
const ODD_ONE_IN = 4
const STEPS = [-1, 1, 10, 256, 30_000]
const CHARACTERS = [...'0123456789abcdef.:*/-']
const PIECES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\u0000',
  '\ud800',
  '\u009b',
  ' ',
  '0',
  'e9',
  '"type":',
  '\\u0',
]

/** Longer lines would end their connection, which other tests cover. */
const LONGEST = 15_000

export class Mutations {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = seededXoshiro128(seed)
  }

  /** Returns a whole number below `n`. */
  below(n: number): number {
    return (this.#next() >>> 0) % n
  }

  pick<T>(items: readonly T[]): T {
    return must(items[this.below(items.length)])
  }

  /**
   * Returns one of the texts, changed in one to three places and without line ends; it may still be valid. Half of them
   * are still JSON with nearly the same values, so that they get past the parser.
   */
  of(texts: readonly string[]): string {
    let text = this.pick(texts)
    const isJson = this.below(2) === 0
    for (let i = this.below(3); i >= 0; i--)
      text = isJson ? this.#revalue(text, ODD_ONE_IN) : this.change(text)
    return text.slice(0, LONGEST).replaceAll('\n', ' ')
  }

  /** Returns an unexpected value as JSON. */
  value(): string {
    return this.pick(this.below(HUGE_ONE_IN) === 0 ? HUGE : VALUES)
  }

  /** Changes one place of a text. */
  change(text: string): string {
    const at = this.below(text.length + 1)
    const rest = text.slice(at + this.below(8))
    switch (this.below(6)) {
      case 0:
        return text.slice(0, at) + this.pick(PIECES) + rest
      case 1:
        return text.slice(0, at) + rest
      case 2:
        return text.slice(0, at) + text.slice(this.below(text.length + 1))
      case 3:
        return text.slice(0, at) + String.fromCharCode(this.below(65_536)) + rest
      default:
        return this.#revalue(text)
    }
  }

  /** Returns a similar value: another number, or a string with one other character. */
  #near(value: string): string {
    if (/^\d+$/.test(value)) return String(Math.max(0, Number(value) + this.pick(STEPS)))
    if (!value.startsWith('"')) return value === 'true' ? 'false' : 'true'
    const at = 1 + this.below(value.length - 1)
    return value.slice(0, at) + this.pick(CHARACTERS) + value.slice(Math.min(at + 1, value.length - 1))
  }

  /** Replaces one value; one in `oddOneIn` replacements is unexpected. */
  #revalue(text: string, oddOneIn = 1): string {
    const values = [...text.matchAll(/(?<=[:[,])("(?:[^"\\]|\\.)*"|[\w.+-]+)(?=[,\]}])/g)]
    if (values.length === 0) return this.value()
    const { index, 0: value } = this.pick(values)
    const other = this.below(oddOneIn) === 0 ? this.value() : this.#near(value)
    return text.slice(0, index) + other + text.slice(index + value.length)
  }
}
