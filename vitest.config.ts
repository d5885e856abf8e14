import { defineConfig } from 'vitest/config'

/** So long no test takes on any machine that gets anything done: what is not over by then hangs. Not a limit on speed. */
const HANGS_MS = 900_000

export default defineConfig({ test: { testTimeout: HANGS_MS, hookTimeout: HANGS_MS } })
