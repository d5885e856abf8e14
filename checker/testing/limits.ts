/** For tests: how long one may take before it counts as hung. No test asserts a time; these only end one that would never end. */

/** Milliseconds for a test of plain functions. The slowest takes 5 s on a quiet machine with two cores. */
export const HANG_LIMIT_MS = 30_000

/**
 * Options of a test that explores a large world, simulates whole networks or starts processes. The slowest takes 30 s on a
 * quiet machine with two cores, and four times that while others use it.
 */
export const SLOW = { timeout: 180_000 } as const
