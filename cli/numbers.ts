import { CliError } from './errors.ts'

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
