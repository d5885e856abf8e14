import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { HANG_LIMIT_MS } from './checker/testing/limits.ts'

/** Need the process's table of addresses for themselves. */
const ADDRESSES = ['impl/host/paths/pinned.test.ts', 'impl/link/interfaces.test.ts']
/** Start processes of the command. */
const COMMANDS = 'cli/**/*.test.ts'

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
    // Files share workers: modules stay loaded, and code stays compiled. A worker for each file takes 40 % more CPU time.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['**/*.test.ts'],
          exclude: [...ADDRESSES, COMMANDS, '**/node_modules/**'],
        },
      },
      { extends: true, test: { name: 'addresses', include: ADDRESSES } },
      {
        extends: true,
        test: { name: 'commands', include: [COMMANDS], globalSetup: './cli/testing/bundledCommand.ts' },
      },
    ],
  },
})
