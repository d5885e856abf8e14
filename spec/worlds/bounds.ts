/** Bounds that several models have. */
import type { Bound, Bounds, Model } from './model.ts'

export const onOff = (what: string, value: number, deep = value): Bound => ({
  what,
  default: value,
  deep,
  min: 0,
  max: 1,
})

export const upTo = (what: string, value: number, deep: number, max: number): Bound => ({
  what,
  default: value,
  deep,
  min: 0,
  max,
})

/** The faults of the network and how much it holds. */
export const networkBounds = (capacity: number, deep: number) => ({
  capacity: { what: 'packets that the network holds', default: capacity, deep, min: 1, max: 12 },
  loss: onOff('packets may be lost', 1),
  duplication: onOff('packets may be duplicated', 1),
  reordering: onOff('packets may be reordered', 1),
})

export type NetworkBound = keyof ReturnType<typeof networkBounds>

/** Bounds that are faults of the network: they make a world harder, not larger. */
const FAULTS: ReadonlySet<string> = new Set(['loss', 'duplication', 'reordering'])

/** Returns the default of each bound. */
export const defaultBounds = ({ bounds }: Pick<Model, 'bounds'>): Bounds =>
  Object.fromEntries(Object.entries(bounds).map(([name, bound]) => [name, bound.default]))

/** Returns `asked`, every other bound at its least, and the network as bad as by default: the smallest such world. */
export const leastBounds = (model: Model, asked: Bounds): Bounds => {
  const least = Object.entries(model.bounds).map(([name, bound]) => [
    name,
    FAULTS.has(name) ? bound.default : bound.min,
  ])
  return { ...Object.fromEntries(least), ...asked }
}

/** Values on a model's circle of version numbers. */
export const SPACE = 16

/** Bits that hold the values 0 to `max`. */
export const bitsFor = (max: number): number => Math.max(1, 32 - Math.clz32(max))

/** Returns `n` numbers from `from` on, for a rule with that many instances. */
export const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => i + from)
