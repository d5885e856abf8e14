import type { LoweredWorld } from '../lower/world.ts'
import type { State } from '../search/walk.ts'
import { at } from '../text/at.ts'
import { groupBy } from '../text/groupBy.ts'

/**
 * A choice that means the same in other states: a rule, and the packet that the rule is about, wherever the
 * packet lies.
 */
export interface Choice {
  /** The rule, or the rule of its kind for the first place of the network. */
  readonly rule: number
  /** 0 for a rule that is about no packet. */
  readonly packet: number
}

/** Names the rules of a world by the packet that they are about instead of by its place in the network. */
export class Choices {
  /** For each rule, its place in the network (-1 for none), and the rules of its kind for all places. */
  readonly #places: readonly { readonly place: number; readonly alike: readonly number[] }[]
  /** The variables that hold the network's places. */
  readonly #net: readonly number[]

  constructor({ origins, system }: LoweredWorld) {
    const keys = origins.map(({ spec, args }) => JSON.stringify([spec.name, { ...args, m: undefined }]))
    const alike = groupBy(keys.keys(), rule => keys[rule])
    this.#places = origins.map(({ args }, rule) => ({
      place: args.m ?? -1,
      alike: alike.get(keys[rule]) ?? [rule],
    }))
    this.#net = system.variables.flatMap(({ name }, index) => (name.startsWith('net[') ? [index] : []))
  }

  nameOf(rule: number, state: State): Choice {
    const { place, alike } = at(this.#places, rule)
    return place < 0
      ? { rule, packet: 0 }
      : { rule: alike[0] as number, packet: state[this.#net[place] as number] as number }
  }

  /** Returns the rules that the choice may mean in this state, enabled or not. */
  rulesFor({ rule, packet }: Choice, state: State): readonly number[] {
    const { place, alike } = at(this.#places, rule)
    return place < 0
      ? [rule]
      : alike.filter(like => state[this.#net[at(this.#places, like).place] as number] === packet)
  }
}
