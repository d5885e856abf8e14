/** Why no world notices some variants. */
interface Reason {
  readonly reason: string
  readonly variants: RegExp
}

const reasons: readonly Reason[] = [
  {
    reason:
      'A step of the other end leaves this end as it was, and these invariants hold of an end that stays as it was. The condition says which end the invariant is about.',
    variants: /^(10|12|15|24|28|45|59|61|64|67): \(did\.flow !== _\) forced false$/,
  },
]

/** Returns the reason why no world notices the variant; undefined if nobody has given one. */
export const reasonOf = (variant: string): string | undefined =>
  reasons.find(({ variants }) => variants.test(variant))?.reason
