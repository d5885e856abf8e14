/** What became of a unit: its reply, a failure in words, or nothing yet. */
export type Outcome<Reply> = Reply | Failed | undefined

/** A unit without a result, and the reason. */
export interface Failed {
  readonly failed: string
}

export const isFailed = (outcome: object): outcome is Failed => 'failed' in outcome

export const repliesOf = <Reply extends object>(outcomes: readonly Outcome<Reply>[]): Reply[] =>
  outcomes.flatMap(outcome => (outcome === undefined || isFailed(outcome) ? [] : [outcome as Reply]))

/** Returns the outcomes with a failure in place of each reply that `use` rejects by throwing. */
export const fitting = <Reply extends object>(
  outcomes: readonly Outcome<Reply>[],
  use: (reply: Reply) => void,
): Outcome<Reply>[] =>
  outcomes.map(outcome => {
    if (outcome === undefined || isFailed(outcome)) return outcome
    try {
      use(outcome)
      return outcome
    } catch (error) {
      return { failed: `a worker's reply does not fit its unit: ${(error as Error).message}` }
    }
  })

/** Returns the first failure as the reason of a verdict. */
export function failureOf(outcomes: readonly Outcome<object>[]): { readonly reason?: string } {
  const failures = outcomes.flatMap(outcome =>
    outcome !== undefined && isFailed(outcome) ? outcome.failed : [],
  )
  const [first] = failures
  if (first === undefined) return {}
  return { reason: failures.length === 1 ? first : `${first}; ${failures.length - 1} more units failed` }
}

/** Findings of one result: a person reads no more, and the same fault is often found again and again. */
const MOST_FINDINGS = 20

/** Returns the first of each kind of finding, which `keyOf` tells apart; the first {@link MOST_FINDINGS} of them. */
export function distinct<Finding>(
  findings: readonly Finding[],
  keyOf: (finding: Finding) => string,
): Finding[] {
  const first = new Map<string, Finding>()
  for (const finding of findings) {
    const key = keyOf(finding)
    if (!first.has(key)) first.set(key, finding)
  }
  return [...first.values()].slice(0, MOST_FINDINGS)
}
