/** Checks that all kinds of plans share. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { DEPTH_LIMIT, type JsonLimits, parseJson, placeOf, shown } from '../../checker/text/json.ts'
import { PlanError } from './errors.ts'
import { MOST_ACTIONS } from './limits.ts'

/** The most actions, with all of their parts. */
const PLAN_LIMITS: JsonLimits = { characters: 2 ** 26, depth: DEPTH_LIMIT, values: 16 * MOST_ACTIONS }

/** Parses a plan of any kind. Throws PLAN_JSON. */
export function parsePlan(text: string): unknown {
  try {
    return parseJson(text, PLAN_LIMITS)
  } catch (error) {
    throw new PlanError(
      'PLAN_JSON',
      `the plan is not JSON (${(error as Error).message}); if the file was cut off, write it again`,
    )
  }
}

/** Returns a parsed plan with the parts of its kind. Throws PLAN_VERSION and PLAN_SHAPE. */
export function shapedPlan<P>(json: unknown, codec: t.Type<P, unknown>, format: number): P {
  const version = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  if (version !== undefined && version !== format)
    throw new PlanError(
      'PLAN_VERSION',
      `this is a plan of format ${shown(version)}, and format ${format} is what this version reads; simulate it with the version of serval that wrote it`,
    )
  const decoded = codec.decode(json)
  if (isLeft(decoded)) throw new PlanError('PLAN_SHAPE', `${report(decoded.left)}; correct the file`)
  return decoded.right
}

/** Throws PLAN_RANGE unless `value` is a number from `least` to `most`. */
export function within(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most)
    throw new PlanError('PLAN_RANGE', `${name} is ${value}; give ${least} to ${most}`)
}

/** Throws PLAN_NAME unless `value` is one of `count` numbers from 0. */
export function named(name: string, value: number, count: number): void {
  if (value >= count) throw unknown(`${name} is ${value}: the plan has 0 to ${count - 1}`)
}

/** Reports whether `check` accepts a plan; false if it throws a PlanError. */
export function accepts(check: () => void): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (error instanceof PlanError) return false
    throw error
  }
}

export const unknown = (what: string): PlanError => new PlanError('PLAN_NAME', `${what}; correct the file`)

/** Returns the fault that lies deepest, in words: of alternatives it is in the right kind of action. */
function report(errors: t.Errors): string {
  const deepest = errors.reduce((best, error) => (error.context.length > best.context.length ? error : best))
  const { where, found, expected } = placeOf(deepest)
  const place = where || 'the file'
  return found === 'missing' ? `${place} is missing` : `${place} is ${found} and should be ${expected}`
}
