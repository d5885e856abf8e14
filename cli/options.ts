/** The options that several commands share, and parsers of their values. */
import { Option } from 'commander'
import { CliError } from './errors.ts'

/** The option that most commands share. */
export const json = (): Option => new Option('--json', 'print one JSON value instead of text')

export const campaignOption = (): Option =>
  new Option('--campaign <url>', 'let workers do the work: nats://HOST:PORT/NAME (see `serval worker`)')

export const pidOption = (): Option =>
  new Option('--pid <pid>', 'ask only this process').argParser(wholeOption('--pid', 1))

export const watchOption = (): Option => new Option('--watch', 'refresh every second until Ctrl-C')

/** Collects the values of an option that may be repeated. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

/** A whole number of decimal digits, or undefined. */
export const whole = (text: string): number | undefined => {
  const value = /^\d+$/.test(text) ? Number(text) : undefined
  return Number.isSafeInteger(value) ? value : undefined
}

/** Reads an option's whole number from `min` to `max`. Its reader throws CLI_NUMBER. */
export const wholeOption =
  (option: string, min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = whole(text)
    if (value !== undefined && value >= min && value <= max) return value
    const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`
    throw new CliError('CLI_NUMBER', `${option} is '${text}'; give a whole number ${range}`)
  }

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Returns a parser of durations such as `30s`, `500ms`, `2m`, `12h`, `7d`, or `30` for seconds, in ms. The parser throws CLI_NUMBER. */
export const durationOption =
  (name: string, leastMs: number, mostMs: number) =>
  (text: string): number => {
    const [, count = '', unit = 's'] = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text) ?? []
    const ms = count === '' ? Number.NaN : Number(count) * (UNITS[unit] ?? 1000)
    if (ms >= leastMs && ms <= mostMs) return ms
    throw new CliError(
      'CLI_NUMBER',
      `${name} is '${text}'; write a time from ${durationText(leastMs)} to ${durationText(mostMs)}, such as 500ms, 30s or 12h`,
    )
  }

/** Returns a duration in the form that `durationOption` reads, in its largest unit. */
function durationText(ms: number): string {
  const [unit, unitMs] = Object.entries(UNITS).findLast(([, each]) => each <= ms && ms % each === 0) ?? [
    'ms',
    1,
  ]
  return `${ms / unitMs}${unit}`
}
