/** The length of a download. backend.ts starts servers when it is imported, so it cannot export it. */
export const BULK_BYTES = 32 * 2 ** 20
