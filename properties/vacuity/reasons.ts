/** Why no world notices some variants. */
interface Reason {
  readonly reason: string
  readonly variants: RegExp
}

const reasons: readonly Reason[] = []

/** Returns the reason why no world notices the variant; undefined if nobody has given one. */
export const reasonOf = (variant: string): string | undefined =>
  reasons.find(({ variants }) => variants.test(variant))?.reason
