/** Rules that overlap, and a naive resolution. */

import fc from 'fast-check'
import { must } from '../../../checker/text/at.ts'
import { ServiceError } from '../services/serviceErrors.ts'
import { prefixOfId, SERVICE_BITS, SERVICE_BYTES, type ServicePrefix } from '../services/serviceId.ts'
import { PRIORITY_LIMIT, ServiceTable, type Target, WEIGHT_LIMIT } from '../services/serviceTable.ts'

/** A rule without its counters. */
export interface Line {
  readonly prefix: ServicePrefix
  readonly target: Target<number>
  readonly priority: number
  readonly weight: number
  /** True if it does not cover keyed services. */
  readonly isPlain?: boolean
}

/** A rule with its time-outs: without use, and in any case. */
export interface TimedLine extends Line {
  readonly idleMs: number
  readonly hardMs: number
}

/** At borders of bytes and words, and next to them. */
const BITS = [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 254, 255]

const MARK = Buffer.from('#key')

/** Few enough to overlap: two families of serviceIDs, some of which differ at a border, and some have the mark. */
export const id = fc
  .record({
    first: fc.constantFrom(0, 0xff),
    flips: fc.subarray(BITS, { maxLength: 2 }),
    isMarked: fc.boolean(),
  })
  .map(({ first, flips, isMarked }) => {
    const bytes = new Uint8Array(SERVICE_BYTES).fill(first)
    if (isMarked) bytes.set(MARK, 12)
    for (const flip of flips) bytes[flip >> 3] = must(bytes[flip >> 3]) ^ (0x80 >> (flip & 7))
    return bytes
  })
const bitLengths = fc.constantFrom(...BITS, 256)
/** Returns the prefix of a serviceID. */
export const cutAt = (id: Uint8Array, bits: number): ServicePrefix =>
  prefixOfId(
    id.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)))),
    bits,
  )
const prefix = fc.tuple(id, bitLengths).map(([id, bits]) => cutAt(id, bits))
const target: fc.Arbitrary<Target<number>> = fc.oneof(
  fc.constantFrom<Target<number>>({ kind: 'delay' }, { kind: 'drop' }),
  fc.integer({ min: 1, max: 3 }).map(listener => ({ kind: 'demux', listener }) as const),
  fc.integer({ min: 1, max: 3 }).map(address => ({ kind: 'forward', address }) as const),
)
const priority = fc.constantFrom(0, 1, 32_000, PRIORITY_LIMIT)
const weight = fc.constantFrom(0, 0, 1, 2, 3, 1024, WEIGHT_LIMIT)
export const line: fc.Arbitrary<Line> = fc
  .record({ prefix, target, priority, weight, isPlain: fc.boolean() })
  .map(one => ({ ...one, isPlain: one.isPlain || one.target.kind === 'demux' }))
export const pick = fc.oneof(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.constantFrom(0, 0.5, 1 - 2 ** -53),
)

const timeout = fc.constantFrom(1, 2, 3, Infinity)

/** Random operations on a table: many on few prefixes, so that rules overlap. */
export const acts = fc.array(prefix, { minLength: 1, maxLength: 4 }).chain(few => {
  const prefix = fc.constantFrom(...few)
  const act = fc.oneof(
    fc
      .tuple(line, prefix, timeout, timeout)
      .map(([each, prefix, idleMs, hardMs]) => ({ act: 'add' as const, ...each, prefix, idleMs, hardMs })),
    fc.record({ act: fc.constant('wait' as const), ms: fc.nat(2) }),
    fc.record({ act: fc.constant('remove' as const), prefix, target }),
    fc.record({
      act: fc.constant('resolve' as const),
      id: fc.oneof(
        id,
        prefix.map(each => each.id),
      ),
      pick,
    }),
  )
  return fc.array(act, { maxLength: 60, size: 'max' })
})

const matches = ({ id, bits }: ServicePrefix, other: Uint8Array): boolean => {
  for (let bit = 0; bit < bits; bit++)
    if (((must(id[bit >> 3]) ^ must(other[bit >> 3])) >> (7 - (bit % 8))) & 1) return false
  return true
}
export const nameOf = ({ prefix, target }: Pick<Line, 'prefix' | 'target'>): string =>
  JSON.stringify([prefix.text, target])

/** The protocol's rules of resolution in their documented order, with exact integer weights. */
export function naive(lines: readonly Line[], other: Uint8Array, at: number): Line | undefined {
  const isFor = ({ prefix, target, isPlain = target.kind === 'demux' }: Line): boolean =>
    matches(prefix, other) &&
    (!isPlain || prefix.bits === SERVICE_BITS || !MARK.equals(other.subarray(12, 16)))
  const matching = lines.filter(one => one.weight > 0 && isFor(one))
  const bits = Math.max(...matching.map(one => one.prefix.bits))
  const longest = matching.filter(one => one.prefix.bits === bits)
  const highest = Math.max(...longest.map(one => one.priority))
  const set = longest.filter(one => one.priority === highest)
  const total = set.reduce((sum, one) => sum + one.weight, 0)
  return set.find((_, i) => at * total < set.slice(0, i + 1).reduce((sum, one) => sum + one.weight, 0))
}

const isVerdict = ({ kind }: Target<number>): boolean => kind === 'delay' || kind === 'drop'

/** True if a table with these rules rejects another: one of them delays or drops at the same rank. */
export const contradicts = (lines: readonly Line[], { prefix, target, priority }: Line): boolean =>
  lines.some(
    other =>
      other.prefix.text === prefix.text &&
      other.priority === priority &&
      nameOf(other) !== nameOf({ prefix, target }) &&
      (isVerdict(other.target) || isVerdict(target)),
  )

/** Distinct rules without contradictions, in order of first addition. */
export const lines = fc
  .uniqueArray(line, { selector: nameOf, maxLength: 12 })
  .map(all => all.filter((each, i) => !contradicts(all.slice(0, i), each)))

/** Returns the code of the ServiceError that a function throws, or `none`. */
export const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'none'
  } catch (error) {
    return error instanceof ServiceError ? error.code : `${error}`
  }
}

export const filled = (lines: readonly Line[]): ServiceTable<number> => {
  const table = new ServiceTable<number>()
  for (const each of lines) table.add(each.prefix, each.target, each.priority, each.weight, each)
  return table
}
