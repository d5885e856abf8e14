import type { LoweredWorld } from '../lower/world.ts'
import type { State } from '../search/walk.ts'
import { must } from '../text/at.ts'
import type { Weighting } from './weighting.ts'

/**
 * Factors of a family's weight, one of which each walk draws for each family. Swarm testing (Groce et al., ISSTA 2012)
 * finds more by leaving some families out of a walk.
 */
const MOODS = [0, 1, 1, 4] as const

/** Chooses among the rules of a world by weights that depend on the state. */
export class Chooser {
  /** The number of families. */
  readonly families: number
  readonly #familyOf: readonly number[]
  /** By family: whether it is no fault, and whether a mood applies to it. */
  readonly #isLive: readonly boolean[]
  readonly #hasMood: readonly boolean[]
  /** By phase, then family. */
  readonly #weights: readonly (readonly number[])[]
  readonly #phaseOf: (state: State) => number

  /** Chooses among `rules`, given by their indexes; among all rules of the world unless given. */
  constructor(
    world: LoweredWorld,
    weighting: Weighting,
    rules: readonly number[] = world.origins.map((_, i) => i),
  ) {
    const specs = rules.map(rule => must(world.origins[rule], `rule ${rule}`).spec)
    const kinds = new Map(specs.map(({ name, kind }) => [name, kind]))
    const families = [...kinds].map(([name, kind]) => ({ name, kind }))
    const names = [...kinds.keys()]
    this.families = families.length
    this.#familyOf = specs.map(({ name }) => names.indexOf(name))
    this.#isLive = families.map(({ kind }) => kind !== 'fault')
    this.#hasMood = families.map(
      ({ name, kind }) => kind !== 'protocol' && !weighting.indispensable.has(name),
    )
    this.#weights = Array.from({ length: weighting.phases }, (_, phase) =>
      families.map(family => weighting.weigh(family, phase)),
    )
    this.#phaseOf = weighting.phaseIn(world)
  }

  /** Returns the weights of one walk, by phase and family. `mood` has a number for each family. */
  mood(mood: readonly number[]): number[][] {
    return this.#weights.map(phase =>
      phase.map((weight, family) => {
        const factor = MOODS[must(mood[family], 'a mood') % MOODS.length] as number
        return this.#hasMood[family] ? weight * factor : weight
      }),
    )
  }

  /**
   * Chooses one of `enabled`: first a family by weight, then one of its rules. Returns -1 if no rule, or nothing but faults,
   * is enabled. Rules of a family must stand beside each other.
   * @param pick a number below 2^31, evenly distributed
   */
  choose(state: State, enabled: readonly number[], weights: readonly (readonly number[])[], pick: number) {
    const inPhase = weights[this.#phaseOf(state)] as readonly number[]
    let [total, family, live] = [0, -1, false]
    for (const rule of enabled) {
      if (this.#familyOf[rule] === family) continue
      family = this.#familyOf[rule] as number
      total += inPhase[family] as number
      live ||= this.#isLive[family] as boolean
    }
    return live && total > 0 ? this.#ruleAt(enabled, inPhase, pick % total, Math.floor(pick / total)) : -1
  }

  /** Returns rule `which` of the family at `offset` on the scale of all weights. */
  #ruleAt(enabled: readonly number[], weights: readonly number[], offset: number, which: number): number {
    let [left, from] = [offset, 0]
    for (;;) {
      const family = this.#familyOf[enabled[from] as number] as number
      let to = from
      while (to < enabled.length && this.#familyOf[enabled[to] as number] === family) to++
      left -= weights[family] as number
      if (left < 0) return enabled[from + (which % (to - from))] as number
      from = to
    }
  }
}
