import fc from 'fast-check'
import type { State, Walk } from '../search/walk.ts'
import { at, must } from '../text/at.ts'
import type { Choice, Choices } from './choices.ts'

/** A path that was tried: its rules, and its states, the initial one first. */
export interface Attempt {
  readonly rules: readonly number[]
  readonly states: readonly State[]
  /** The properties that the last step violated. */
  readonly failed: readonly string[]
}

/** Returns the part of a path, from its start, that still shows the violation; undefined if none does. */
export type Judge = (way: Attempt) => Promise<readonly number[] | undefined>

/**
 * Removes needless rules, as fast-check shrinks lists: long stretches first, until no single rule can be
 * spared. Choices that are no longer possible are skipped, so any choice can be removed.
 */
export async function shrink(
  walk: Walk,
  choices: Choices,
  rules: readonly number[],
  judge: Judge,
): Promise<readonly number[]> {
  let best = rules
  const attempt = async (named: readonly Choice[]): Promise<boolean> => {
    const shown = await judge(retrace(walk, choices, named))
    if (shown && shown.length < best.length) best = shown
    return shown !== undefined
  }
  const original = nameAll(walk, choices, rules)
  const indexes = fc.array(fc.noShrink(fc.nat(original.length - 1)), { maxLength: original.length })
  const stillShown = async (list: readonly number[]) =>
    !(await attempt(list.map(index => at(original, index))))
  await fc.check(fc.asyncProperty(indexes, stillShown), {
    numRuns: 1,
    examples: [[original.map((_, at) => at)]],
  })
  return best
}

function nameAll(walk: Walk, choices: Choices, rules: readonly number[]): Choice[] {
  let state = walk.initial()
  return rules.map(rule => {
    const choice = choices.nameOf(rule, state)
    state = walk.take(state, rule).state
    return choice
  })
}

/** Makes those choices that are possible, until a property is violated. */
function retrace(walk: Walk, choices: Choices, named: readonly Choice[]): Attempt {
  const [rules, states] = [[] as number[], [walk.initial()]]
  for (const choice of named) {
    const state = must(states.at(-1))
    const rule = choices.rulesFor(choice, state).find(like => walk.isEnabled(state, like))
    if (rule === undefined) continue
    const step = walk.take(state, rule)
    rules.push(rule)
    states.push(step.state)
    if (step.failed.length > 0) return { rules, states, failed: step.failed }
  }
  return { rules, states, failed: [] }
}
