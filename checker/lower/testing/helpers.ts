/** Helpers that lowered test sources import, so that the test runner rewrites their names. */
export const next = (n: number): number => n + 1

export const distance = (p: number, q: number): number => (p < q ? q - p : p - q)
