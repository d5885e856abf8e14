/** Turns a finished search into the result of the exploration: finds where each check was first met. */
import { type Check, hitOffset, leftsOf } from '../codegen/checks.ts'
import { Names } from '../codegen/names.ts'
import { StepChecks } from '../codegen/stepChecks.ts'
import type { System } from '../ir/ir.ts'
import { bytesPerStored } from './budget.ts'
import type { Exploration, Violation } from './explore.ts'
import { distanceOf } from './path.ts'
import type { Found, Plan } from './search.ts'

/** Where a check was first met: in a state, or in the step by `rule` from it. */
interface Hit {
  readonly state: number
  /** -1 for a state. */
  readonly rule: number
  readonly steps: number
}

/** Returns the hit of check number `check` that is nearest to the initial state, of all threads. */
export function nearest(found: Found, check: number): Hit | undefined {
  const slot = hitOffset(check) / 4
  const hits = found.hits
    .filter(hit => hit[slot] !== 0)
    .map(hit => ({ state: hit[slot] as number, rule: (hit[slot + 1] as number) - 1 }))
    .map(
      ({ state, rule }): Hit => ({ state, rule, steps: distanceOf(found.graph, state) + Number(rule >= 0) }),
    )
  return hits.sort((one, other) => one.steps - other.steps)[0]
}

/** Returns the result of a search with these violations. */
export function conclude(
  system: System,
  found: Found,
  plan: Plan,
  checks: readonly Check[],
  violations: readonly Violation[],
  memoryMb: number,
): Exploration {
  const { distinct, generated, depth, ending, noted } = found
  const isTaken = (rule: number) => noted[leftsOf(checks).length + rule] !== 0
  const bytes = bytesOf(found, plan)
  const early = ending === 'memory' || ending === 'aborted'
  const whole = early ? 'incomplete' : 'holds'
  const why =
    ending === 'memory' ? `the memory limit of ${memoryMb} MB was reached` : 'the search was stopped'
  return {
    verdict: violations.length > 0 ? 'violated' : whole,
    ...(early ? { reason: `${why} at depth ${depth}, after ${distinct} states` } : {}),
    distinct,
    generated,
    depth,
    bytesPerState: bytes / distinct,
    coverage: [...found.coverage],
    witnesses: checks.flatMap(({ kind, id }, number) =>
      kind === 'witness' ? [{ name: id, depth: nearest(found, number)?.steps ?? null }] : [],
    ),
    violations,
    idle: system.rules.flatMap(({ name }, rule) => (isTaken(rule) ? [] : [name])),
    untried: untried(system, checks, found.noted, isTaken),
  }
}

/** Returns the bytes that states, parents, marks and table take. */
export function bytesOf({ distinct, graph }: Found, { sizes }: Plan): number {
  return distinct * bytesPerStored(sizes) + 4 * graph.slots
}

/**
 * Returns the invariants whose left side was certainly never true. After a rule that makes the right side true,
 * the search does not evaluate the left side.
 */
function untried(
  system: System,
  checks: readonly Check[],
  noted: Uint8Array,
  isTaken: (rule: number) => boolean,
): string[] {
  const stepChecks = new StepChecks(system, new Names(system), checks)
  const taken = system.rules.filter((_, rule) => isTaken(rule))
  const isBlind = (check: Check) => check.ofStep && taken.some(rule => stepChecks.isBlind(rule, check))
  return leftsOf(checks)
    .filter((check, left) => noted[left] === 0 && !isBlind(check))
    .map(({ id }) => id)
}
