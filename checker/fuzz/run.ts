import { TrapError } from '../ir/errors.ts'
import type { State, Walk } from '../search/walk.ts'
import { at } from '../text/at.ts'
import type { Chooser } from './chooser.ts'
import type { Counter } from './coverage.ts'

/** What fast-check generates for one walk, as plain JSON. Every number is below 2^31. */
export interface Input {
  /** A number for each family of rules. */
  readonly mood: readonly number[]
  /** A number for each step. */
  readonly picks: readonly number[]
}

/** A walk. */
export interface Run {
  /** The rules that it took. */
  readonly rules: readonly number[]
  readonly state: State
  /** A state on the way, chosen with equal probability, and the number of rules that led there. */
  readonly midway: { readonly state: State; readonly steps: number }
  /** What the last step violated. The walk ends there. */
  readonly failed: readonly string[]
}

/**
 * Walks from the initial state as `input` says, until a property is violated or no rule is left.
 *
 * @throws TrapError for a rejected value, with the path to it
 */
export function run(walk: Walk, chooser: Chooser, counter: Counter, { mood, picks }: Input): Run {
  const rules: number[] = []
  try {
    return take(walk, chooser, counter, { mood, picks }, rules)
  } catch (error) {
    if (!(error instanceof TrapError)) throw error
    throw error.after(rules.map(rule => at(walk.system.rules, rule).name))
  }
}

/** Adds the rules that it takes to `rules`. */
function take(walk: Walk, chooser: Chooser, counter: Counter, { mood, picks }: Input, rules: number[]): Run {
  const weights = chooser.mood(mood)
  let state = walk.initial()
  let midway = { state, steps: 0 }
  counter.look(state)
  for (const pick of picks) {
    const rule = chooser.choose(state, walk.enabled(state), weights, pick)
    if (rule < 0) break
    const step = walk.take(state, rule)
    rules.push(rule)
    counter.count(step)
    state = step.state
    if (step.failed.length > 0) return { rules, state, midway, failed: step.failed }
    if ((pick >>> CHOOSING_BITS) % rules.length === 0) midway = { state, steps: rules.length }
  }
  return { rules, state, midway, failed: [] }
}

/** The low bits of a pick, which have decided on the rule. The others are free. */
const CHOOSING_BITS = 12
