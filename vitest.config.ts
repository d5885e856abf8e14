import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { HANG_LIMIT_MS } from './checker/testing/limits.ts'

/**
 * Rooms whose tests start no process and change nothing global. Their files share workers: modules stay loaded, and code
 * stays compiled, which takes 40 % less CPU than a worker for each file.
 */
const SHARED = [
  'checker',
  'spec',
  'impl/link',
  'impl/transport',
  'impl/host',
  'properties',
  'traces',
  'studio',
]
const shared = SHARED.map(room => `${room}/**/*.test.ts`)
/** Needs the process's table of addresses for itself. */
const ADDRESSES = 'impl/host/paths/pinned.test.ts'

export default defineConfig({
  test: {
    env: {
      // Commands keep a secret there, which tests must not leave in the user's home.
      XDG_STATE_HOME: join(tmpdir(), 'serval-tests-state'),
      // Most processes that tests start load the same modules. Compiling them takes longer than what the tests do.
      NODE_COMPILE_CACHE: join(tmpdir(), 'serval-tests-compiled'),
    },
    testTimeout: HANG_LIMIT_MS,
    hookTimeout: HANG_LIMIT_MS,
    // Many files wait for processes, servers and timers most of the time. Two workers more keep all cores busy meanwhile.
    maxWorkers: availableParallelism() + 2,
    projects: [
      { extends: true, test: { name: 'shared', include: shared, exclude: [ADDRESSES], isolate: false } },
      { extends: true, test: { name: 'addresses', include: [ADDRESSES] } },
      {
        extends: true,
        test: {
          name: 'commands',
          include: ['cli/**/*.test.ts'],
          globalSetup: './cli/testing/bundledCommand.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['**/*.test.ts'],
          exclude: [...shared, 'cli/**', '**/node_modules/**'],
        },
      },
    ],
  },
})
