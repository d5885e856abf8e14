/** What an invariant is. The constant of an invariant is the one place of its number, name and sentence. */

import type { Fairness, LivenessSpec, StateOf } from '../../checker/lower/worldSpec.ts'

interface Named {
  /** Its number in docs/invariants.md. A letter tells several invariants of one number apart; p marks a prompt one. */
  readonly id: string
  /** Unique among all invariants and recoveries. */
  readonly name: string
  readonly sentence: string
  /** Where the rule comes from: an RFC, a paper, a defect of the prototype. */
  readonly source: string
}

/** Holds in every reachable state, or, when it looks at `was` or `did`, for every step. */
export interface Safety<W> extends Named {
  readonly holds: (w: W, was: W) => boolean
}

/** From every reachable state where `when` holds, `goal` can still be reached once faults stop. */
export interface Recoverability<W> extends Named {
  readonly when: (w: StateOf<W>) => boolean
  readonly goal: (w: StateOf<W>) => boolean
}

/** No run stays forever where `lasts` holds, as long as the rules in `under` are taken as it says. */
export interface Liveness<W> extends Named {
  readonly lasts: (w: StateOf<W>) => boolean
  /** What the property assumes, by family of rules, and nothing more. A world need not have all of them. */
  readonly under: Readonly<Record<string, Fairness>>
  /** Whether the property is checked in prompt worlds instead of all others. */
  readonly isPrompt?: true
}

/** All that is checked in worlds of one kind. */
export interface Invariants<W = never> {
  readonly safety: readonly Safety<W>[]
  readonly recoveries: readonly Recoverability<W>[]
  readonly liveness: readonly Liveness<W>[]
}

/** By number, then by letter. */
const inOrder = <One extends Named>(list: readonly One[]): One[] =>
  list.toSorted((a, b) => Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10) || (a.id < b.id ? -1 : 1))

/** Returns the lists in the order of their numbers. */
export const invariantsOf = <W>(
  safety: readonly Safety<W>[],
  recoveries: readonly Recoverability<W>[],
  liveness: readonly Liveness<W>[] = [],
): Invariants<W> => ({
  safety: inOrder(safety),
  recoveries: inOrder(recoveries),
  liveness: inOrder(liveness),
})

/** Returns the liveness properties of a world with these rules, as the checker takes them. */
export const livenessOf = <W>(
  { liveness }: Invariants<W>,
  rules: readonly { readonly name: string }[],
  inPromptWorld = false,
): LivenessSpec<StateOf<W>>[] => {
  const families = new Set(rules.map(({ name }) => name))
  const chosen = liveness.filter(({ isPrompt = false }) => isPrompt === inPromptWorld)
  return chosen.map(({ id, lasts, under }) => ({
    id,
    ends: lasts,
    under: Object.fromEntries(Object.entries(under).filter(([family]) => families.has(family))),
  }))
}
