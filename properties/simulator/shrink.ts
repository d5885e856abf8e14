/** Makes a plan that breaks a rule small, so that a person can read it. */
import { ddmin } from './ddmin.ts'
import { assertPlan } from './decode.ts'
import { type Action, isFlowAction, type Plan } from './plan.ts'
import { accepts } from './planFile.ts'
import type { RuleName } from './rules.ts'
import { type Edit, numberEdits, worldEdits } from './simplify.ts'
import { firstBroken } from './simulate.ts'

/**
 * Runs to spend on one plan: a bound that does not depend on the machine, so that the same plan always shrinks to the
 * same one. 700 actions on 16 hosts take about 500.
 */
const MOST_RUNS = 2000
/**
 * A smaller world draws its faults from other sources, so the packet whose loss matters may arrive. One of these seeds
 * often loses it again.
 */
const OTHER_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
/** Runs between two looks at the world outside. */
const BATCH_RUNS = 8

export interface ShrinkOptions {
  /** Called some times a second, with the runs so far and the actions that are left. */
  readonly progress?: ((runs: number, actions: number) => void) | undefined
  /** Ends shrinking early, with the smallest plan so far. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Resolves to a smaller plan that still breaks `rule` before any other. First removes actions by delta debugging, then
 * simplifies the world, the faults and the numbers, and starts again for as long as that helps.
 */
export async function shrinkPlan(plan: Plan, rule: RuleName, options: ShrinkOptions = {}): Promise<Plan> {
  const shrinking = new Shrinking(plan, rule, options)
  for (let before: Plan | undefined; before !== shrinking.best; ) {
    before = shrinking.best
    await shrinking.removeFlows()
    await shrinking.removeActions()
    for (const edit of worldEdits(shrinking.best)) await shrinking.apply(edit, OTHER_SEEDS)
    for (const edit of numberEdits(shrinking.best)) await shrinking.apply(edit)
  }
  return { ...shrinking.best, breaks: rule }
}

class Shrinking {
  best: Plan
  readonly #rule: RuleName
  readonly #options: ShrinkOptions
  /** Texts of plans that did not break the rule. */
  readonly #sound = new Set<string>()
  #runs = 0

  constructor(plan: Plan, rule: RuleName, options: ShrinkOptions) {
    this.best = plan
    this.#rule = rule
    this.#options = options
  }

  /** Removes flows with all that is done to them. */
  async removeFlows(): Promise<void> {
    const begun = this.best.actions.filter(({ do: does }) => does === 'connect')
    await ddmin(begun, async part => {
      const kept = new Set(part)
      const rest = this.best.actions.filter(action => action.do !== 'connect' || kept.has(action))
      return (await this.#keepActions(rest)) ? part : undefined
    })
  }

  async removeActions(): Promise<void> {
    await ddmin(this.best.actions, async part =>
      (await this.#keepActions(part)) ? this.best.actions : undefined,
    )
  }

  /** Tries an edit, with the plan's seed and then with the others, until the result breaks the rule. */
  async apply(edit: Edit, otherSeeds: readonly number[] = []): Promise<void> {
    const candidate = edit(this.best)
    if (candidate === undefined) return
    for (const seed of [candidate.seed, ...otherSeeds]) if (await this.#accept({ ...candidate, seed })) return
  }

  #keepActions(part: readonly Action[]): Promise<boolean> {
    return this.#accept({ ...this.best, actions: withoutStrays(part) })
  }

  /** Takes a candidate over if it breaks the rule. */
  async #accept(candidate: Plan): Promise<boolean> {
    const text = JSON.stringify(candidate)
    if (this.#sound.has(text) || !accepts(() => assertPlan(candidate)) || this.#isSpent()) return false
    if (++this.#runs % BATCH_RUNS === 0) {
      this.#options.progress?.(this.#runs, this.best.actions.length)
      await new Promise(resolve => setImmediate(resolve))
    }
    if (firstBroken(candidate) === this.#rule) {
      this.best = candidate
      return true
    }
    this.#sound.add(text)
    return false
  }

  #isSpent(): boolean {
    return this.#runs >= MOST_RUNS || this.#options.signal?.aborted === true
  }
}

/** Removes what is done to flows that never begin. */
function withoutStrays(actions: readonly Action[]): Action[] {
  const begun = new Set<number>()
  return actions.filter(action => {
    if (action.do === 'connect') begun.add(action.flow)
    return !isFlowAction(action) || begun.has(action.flow)
  })
}
