/**
 * Versions live on a circle of `space` values, so comparison means "less than half the circle ahead" (RFC 1982). The
 * stack's circle has 2^32 values, a model's far fewer; the same functions serve both.
 */

/** Returns the version after `verno`. */
export const next = (verno: number, space: number): number => (verno + 1) % space

/** Returns the version before `verno`. */
export const previous = (verno: number, space: number): number => (verno + space - 1) % space

/** True if `verno` equals `base`, or is less than half the circle after it. */
export const notBefore = (verno: number, base: number, space: number): boolean =>
  ((verno + space - base) % space) * 2 < space
