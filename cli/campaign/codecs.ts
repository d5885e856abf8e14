/** Codecs that units and replies of all kinds share. They bound what strangers may ask for. */
import * as t from 'io-ts'
import type { Variant } from '../../checker/trace/setting.ts'

/** Returns the codec of whole numbers from `min` to `max`. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): t.Type<number> {
  const is = (u: unknown): u is number =>
    Number.isSafeInteger(u) && (u as number) >= min && (u as number) <= max
  return new t.Type<number>(
    `a whole number from ${min} to ${max}`,
    is,
    (u, context) => (is(u) ? t.success(u) : t.failure(u, context)),
    t.identity,
  )
}

/** A number of things. */
export const count = whole(0)

const isSeconds = (u: unknown): u is number => typeof u === 'number' && u >= 0 && Number.isFinite(u)

export const seconds = new t.Type<number>(
  'seconds',
  isSeconds,
  (u, context) => (isSeconds(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/** A model, its bounds and a defect. `settingOf` rejects names that do not exist and bounds out of range. */
const variant: t.Type<Variant, unknown> = t.intersection([
  t.type({ model: t.string, bounds: t.record(t.string, count) }),
  t.partial({ defect: t.string }),
])

export const job = t.type({ variant, demanding: t.boolean })

/** Walks or runs of one unit: days of work, so that no stranger's unit occupies a worker for good. */
export const MOST_RUNS = 1_000_000
