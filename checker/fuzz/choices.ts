import type { World } from '../lower/world.ts'
import type { State } from '../search/walk.ts'
import { at } from '../text/at.ts'

/** A choice that means the same in another state: a rule, and the packet that it is about, wherever that lies. */
export interface Choice {
  /** The rule, or the one of its kind that is about the first place of the network. */
  readonly rule: number
  /** 0 for rules that are about no packet. */
  readonly packet: number
}

/** Names the rules of a world by what they do instead of by places in the network. */
export class Choices {
  /** By rule: the place that it is about (-1 for none), and the rules that are like it for all places. */
  readonly #places: readonly { readonly place: number; readonly alike: readonly number[] }[]
  /** The variables of the network's places. */
  readonly #net: readonly number[]

  constructor({ origins, system }: World) {
    const keys = origins.map(({ spec, args }) => JSON.stringify([spec.name, { ...args, m: undefined }]))
    const alike = Map.groupBy(keys.keys(), rule => keys[rule])
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

  /** The rules that the choice may be in this state, enabled or not. */
  rulesFor({ rule, packet }: Choice, state: State): readonly number[] {
    const { place, alike } = at(this.#places, rule)
    return place < 0
      ? [rule]
      : alike.filter(like => state[this.#net[at(this.#places, like).place] as number] === packet)
  }
}
