/** Bounds that several models have, and flow slots with everything but the needed at rest. */
import type { Bound, Bounds, Model } from '../model.ts'
import type { Options, Part } from './state.ts'

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

/** The bounds that are the network's faults: they make a world nasty, not large. */
const FAULTS: ReadonlySet<string> = new Set(['loss', 'duplication', 'reordering'])

/** The smallest world of a model that has what is asked for: all else is at its least, and the network as bad as by default. */
export const leastBounds = (model: Model, asked: Bounds): Bounds => {
  const least = Object.entries(model.bounds).map(([name, bound]) => [
    name,
    FAULTS.has(name) ? bound.default : bound.min,
  ])
  return { ...Object.fromEntries(least), ...asked }
}

export const networkOptions = (
  b: Readonly<Record<string, number>>,
): Pick<Options, 'capacity' | 'ordered' | 'loss' | 'duplication'> => ({
  capacity: b.capacity as number,
  ordered: 1 - (b.reordering as number),
  loss: b.loss as number,
  duplication: b.duplication as number,
})

/** Version numbers start near the end of the circle, so that they wrap around on the way. */
const FIRST_VERNO = 14

/** A flow slot. Its flowID is its nonce unless told. */
export const part = (
  given: Partial<Part> & Pick<Part, 'name' | 'role' | 'host' | 'nonce' | 'home'>,
): Part => ({
  id: given.nonce,
  iss: FIRST_VERNO,
  addresses: [given.home],
  target: 0,
  moves: 0,
  data: 0,
  closes: 0,
  aborts: 0,
  answers: 0,
  epoch: 0,
  ...given,
})

/** Values on a model's circle of version numbers. */
export const SPACE = 16
