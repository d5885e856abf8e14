/**
 * Version numbers live on a circle of `space` values, so that comparison means "less than half the circle ahead"
 * (RFC 1982). The stack's circle has 2^32 values, a model's far fewer; the same functions serve both.
 */

/** The version after `verno`. */
export const next = (verno: number, space: number): number => (verno + 1) % space

/** The version before `verno`. */
export const previous = (verno: number, space: number): number => (verno + space - 1) % space

/** True when `verno` is `base` or less than half the circle after it. */
export const notBefore = (verno: number, base: number, space: number): boolean =>
  ((verno + space - base) % space) * 2 < space
