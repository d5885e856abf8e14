import type { LoweredWorld } from '../lower/world.ts'
import type { State, Step } from '../search/walk.ts'

/** What the walks have visited. */
export interface Coverage {
  /**
   * For each state of a machine, such as `flow connection.CONNECTED`, the steps that ended in it. Each place of
   * the machine counts.
   */
  readonly states: Readonly<Record<string, number>>
  /** How often each transition was taken. */
  readonly transitions: Readonly<Record<string, number>>
  /** States and transitions that no walk visited. */
  readonly missed: readonly string[]
}

/** Adds 1 to `counts[index]`. */
function increment(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] as number) + 1
}

/** Counts states and transitions of the machines of a world. */
export class Counter {
  readonly #names: readonly string[]
  /** The variable that holds the state of a region, and the index of the region's first count. */
  readonly #regions: readonly { readonly variable: number; readonly first: number }[]
  readonly #states: Float64Array
  readonly #points: readonly string[]
  readonly #transitions: Float64Array

  constructor({ spec, system }: LoweredWorld) {
    const names: string[] = []
    const starts = new Map<string, number>()
    const regions = Object.entries(spec.machines).flatMap(([machine, { tables }]) =>
      tables.regions.map(region => ({ machine, region })),
    )
    this.#regions = system.variables.flatMap(({ name }, variable) => {
      const place = name.split('.')[1]
      const found = regions.find(({ region }) => region.name === place)
      if (!found) return []
      const { machine, region } = found
      const prefix = `${machine} ${region.name}`
      const first = starts.get(prefix) ?? names.length
      if (!starts.has(prefix)) {
        starts.set(prefix, first)
        names.push(...region.states.map(state => `${prefix}.${state.name}`))
      }
      return [{ variable, first }]
    })
    this.#names = names
    this.#states = new Float64Array(names.length)
    this.#points = system.coverage
    this.#transitions = new Float64Array(system.coverage.length)
  }

  count({ state, coverage }: Step): void {
    this.look(state)
    for (const point of coverage) increment(this.#transitions, point)
  }

  look(state: State): void {
    for (const { variable, first } of this.#regions)
      increment(this.#states, first + (state[variable] as number))
  }

  /** Adds counts that {@link countsOf} returned for this world. Returns false, and adds none, if they are of another world. */
  add(counts: readonly number[]): boolean {
    const { length } = this.#states
    if (counts.length !== length + this.#transitions.length) return false
    for (let i = 0; i < length; i++) this.#states[i] = (this.#states[i] as number) + (counts[i] as number)
    for (let i = length; i < counts.length; i++)
      this.#transitions[i - length] = (this.#transitions[i - length] as number) + (counts[i] as number)
    return true
  }

  coverage(): Coverage {
    const states = this.#names.map((name, index): [string, number] => [name, this.#states[index] as number])
    const transitions = this.#points.map((name, index): [string, number] => [
      name,
      this.#transitions[index] as number,
    ])
    return {
      states: Object.fromEntries(states),
      transitions: Object.fromEntries(transitions),
      missed: [...states, ...transitions].filter(([, count]) => count === 0).map(([name]) => name),
    }
  }
}

/** Returns the counts without the names, which follow from the world. */
export const countsOf = ({ states, transitions }: Coverage): number[] => [
  ...Object.values(states),
  ...Object.values(transitions),
]
