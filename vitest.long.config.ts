import { defineConfig } from 'vitest/config'

/** A long test runs for minutes to hours. One that takes longer than this hangs. */
const HANG_LIMIT_MS = 6 * 3_600_000

/** The long suite: `npm run test:long`. CI runs the same properties with fewer runs. Files run one at a time, so that none starves another. */
export default defineConfig({
  test: {
    include: ['**/*.long.ts'],
    fileParallelism: false,
    testTimeout: HANG_LIMIT_MS,
    hookTimeout: HANG_LIMIT_MS,
  },
})
