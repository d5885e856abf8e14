import type { World } from '../lower/world.ts'
import type { State, Step } from '../search/walk.ts'

/** What fuzzing has been to. */
export interface Coverage {
  /** Steps that ended in each state of a machine, such as `flow connection.CONNECTED`, each place of it counted. */
  readonly states: Readonly<Record<string, number>>
  /** How often each transition was taken. */
  readonly transitions: Readonly<Record<string, number>>
  /** States and transitions that were never seen. */
  readonly missed: readonly string[]
}

/** Counts states and transitions of the machines of a world. */
export class Counter {
  readonly #names: readonly string[]
  /** A variable that holds the state of a region, and where its counts begin. */
  readonly #regions: readonly { readonly variable: number; readonly at: number }[]
  readonly #states: Float64Array
  readonly #points: readonly string[]
  readonly #transitions: Float64Array

  constructor({ spec, system }: World) {
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
      if (!starts.has(prefix)) {
        starts.set(prefix, names.length)
        names.push(...region.states.map(state => `${prefix}.${state.name}`))
      }
      return [{ variable, at: starts.get(prefix)! }]
    })
    this.#names = names
    this.#states = new Float64Array(names.length)
    this.#points = system.coverage
    this.#transitions = new Float64Array(system.coverage.length)
  }

  count({ state, coverage }: Step): void {
    this.look(state)
    for (const point of coverage) this.#transitions[point]!++
  }

  look(state: State): void {
    for (const { variable, at } of this.#regions) this.#states[at + state[variable]!]!++
  }

  coverage(): Coverage {
    const states = this.#names.map((name, index): [string, number] => [name, this.#states[index]!])
    const transitions = this.#points.map((name, index): [string, number] => [name, this.#transitions[index]!])
    return {
      states: Object.fromEntries(states),
      transitions: Object.fromEntries(transitions),
      missed: [...states, ...transitions].filter(([, count]) => count === 0).map(([name]) => name),
    }
  }
}
