import type { Recovery } from '../ir/ir.ts'
import { outlastsFaults } from '../ir/rules.ts'
import type { LoweredWorld } from '../lower/world.ts'
import { type Recovering, recovers } from '../search/recovers.ts'
import { type State, type Walk, walk } from '../search/walk.ts'
import { at } from '../text/at.ts'
import { Chooser } from './chooser.ts'
import type { Weighting } from './weighting.ts'

/** A path from the initial state to a state from which the goal of `recovery` seems out of reach. */
export interface Suspicion {
  readonly recovery: Recovery
  readonly rules: readonly number[]
}

/** Random walks that look for the goals from one state before the state is suspected. */
const TRIES = 8

/** Steps of each walk. Walks reach goals in about twenty steps. */
const STEPS = 150

/**
 * Steps that may deliver packets of the network before a proof is tried, so that the state to prove is small.
 */
const DRAIN_STEPS = 64

/** Mebibytes for a proof: a million states, a second or two. */
const PROOF_MB = 32

/**
 * Checks recoverability: what happens when faults stop. No random walk can refute a recovery. A goal that
 * random walks do not reach is a suspicion, and only an exhaustive search forward from the state proves it.
 */
export class Calm {
  readonly #world: LoweredWorld
  #recoveries: readonly Recovery[]
  /**
   * Walks by the rules that are still taken when faults have stopped. Its rule i is rule `#rules[i]` of the
   * world.
   */
  readonly #walk: Walk
  readonly #rules: readonly number[]
  readonly #chooser: Chooser
  /** Weights with and without the application's own steps. */
  readonly #weights: readonly number[][][]
  readonly #delivers: readonly boolean[]

  constructor(world: LoweredWorld, recoveries: readonly Recovery[], weighting: Weighting) {
    const { system, origins } = world
    this.#world = world
    this.#recoveries = recoveries
    this.#rules = system.rules.flatMap((rule, index) => (outlastsFaults(rule) ? [index] : []))
    const witnesses = recoveries.flatMap(({ id, when, goal }) => [
      { name: due(id), seen: when, ofStep: false },
      { name: id, seen: goal, ofStep: false },
    ])
    const rules = this.#rules.map(rule => at(system.rules, rule))
    this.#walk = walk({ ...system, rules, witnesses, liveness: [] }, 'none')
    this.#delivers = this.#rules.map(rule => at(origins, rule).spec.name === weighting.delivery)
    this.#chooser = new Chooser(world, weighting, this.#rules)
    this.#weights = [0, 1].map(mood => this.#chooser.mood(Array(this.#chooser.families).fill(mood)))
  }

  /**
   * Returns the recoveries that are due in `state`, to which `walked` led, and that no random walk fulfils.
   * `picks` seeds the walks.
   */
  suspect(state: State, walked: readonly number[], picks: readonly number[]): Suspicion[] {
    const open = new Set(this.#due(state))
    for (let attempt = 0; attempt < TRIES && open.size > 0; attempt++) this.#seek(state, open, picks, attempt)
    if (open.size === 0) return []
    const drained = this.#drain(state)
    const later = this.#due(drained.state)
    return [...open].map(recovery => ({
      recovery,
      rules: later.includes(recovery) ? [...walked, ...drained.rules] : walked,
    }))
  }

  /** Reports whether `recovery` is due in a state and random walks do not fulfil it. */
  isSuspect(recovery: Recovery, state: State): boolean {
    const open = new Set(this.#due(state).filter(known => known === recovery))
    for (let attempt = 0; attempt < TRIES && open.size > 0; attempt++) this.#seek(state, open, [], attempt)
    return open.size > 0
  }

  /**
   * Searches everything that can follow a state. A recovery whose search exceeds the memory limit is not
   * suspected again.
   */
  async prove(recovery: Recovery, state: State): Promise<Recovering> {
    const question = { recovery, from: state, memoryMb: PROOF_MB }
    const answer = await recovers(this.#world.system, this.#walk, question)
    if (answer === 'unknown') this.#recoveries = this.#recoveries.filter(known => known !== recovery)
    return answer
  }

  #due(state: State): Recovery[] {
    const { seen } = this.#walk.look(state)
    return this.#recoveries.filter(({ id }) => seen.includes(due(id)) && !seen.includes(id))
  }

  /**
   * Walks on and removes the goals that it meets from `open`. Every other attempt includes the application's
   * steps, which preclude some goals.
   */
  #seek(from: State, open: Set<Recovery>, picks: readonly number[], attempt: number): void {
    let state = from
    const random = generator(attempt, picks)
    for (let steps = 0; steps < STEPS && open.size > 0; steps++) {
      const weights = at(this.#weights, attempt % 2)
      const rule = this.#chooser.choose(state, this.#walk.enabled(state), weights, random())
      if (rule < 0) return
      const step = this.#walk.take(state, rule)
      state = step.state
      for (const recovery of open) if (step.seen.includes(recovery.id)) open.delete(recovery)
    }
  }

  #drain(from: State): { rules: number[]; state: State } {
    const rules: number[] = []
    let state = from
    while (rules.length < DRAIN_STEPS) {
      const rule = this.#walk.enabled(state).find(enabled => this.#delivers[enabled])
      if (rule === undefined) break
      state = this.#walk.take(state, rule).state
      rules.push(at(this.#rules, rule))
    }
    return { rules, state }
  }
}

const due = (id: string): string => `due ${id}`

/**
 * Returns a linear congruential generator of numbers below 2^31, from its high bits. It depends on nothing but
 * the arguments.
 */
function generator(attempt: number, picks: readonly number[]): () => number {
  let value = (picks[0] ?? 0) ^ Math.imul(attempt + 1, 0x9e3779b1)
  return () => {
    value = (Math.imul(value, 1664525) + 1013904223) | 0
    return (value >>> 1) ^ (value >>> 17)
  }
}
