/** Ranges of the numbers in a rule. */
import { ServiceError } from '../serviceErrors.ts'

type RangeCode = 'SERVICE_PRIORITY' | 'SERVICE_WEIGHT'

/** Throws a ServiceError with this code. */
export function checkRange(code: RangeCode, name: string, value: number, limit: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= limit))
    throw new ServiceError(code, `a ${name} is a whole number from 0 to ${limit}, not ${value}`)
}

/** Throws SERVICE_TIMEOUT. */
export function checkTimeout(ms: number): void {
  if (!(ms > 0)) throw new ServiceError('SERVICE_TIMEOUT', `a time-out is more than 0 ms, not ${ms}`)
}
