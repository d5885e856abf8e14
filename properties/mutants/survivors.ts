/** Mutants that no invariant, recovery or witness notices in any trial, and why that is right. */

export interface Survivors {
  readonly reason: string
  readonly mutants: readonly string[]
}

export const survivors: readonly Survivors[] = []

/** The reason why nobody notices a mutant. */
export const reasonOf = (mutant: string): string | undefined =>
  survivors.find(({ mutants }) => mutants.includes(mutant))?.reason
