import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { HANG_LIMIT_MS } from './checker/testing/limits.ts'

/** Need the process's table of addresses for themselves. */
const ADDRESSES = ['impl/host/paths/pinned.test.ts', 'impl/link/interfaces.test.ts']
/** Start processes of the command. */
const COMMANDS = 'cli/**/*.test.ts'

/** The files that take longest, the longest first. */
const LONGEST = [
  'traces/corpus.test.ts',
  'build/package.test.ts',
  'properties/simulator/simulate.test.ts',
  'properties/fuzz.test.ts',
  'checker/testing/spinLiveness.test.ts',
  'checker/testing/spin.test.ts',
  'traces/replay/lockstep.test.ts',
  'traces/replay/onStack.test.ts',
  'docs/docs.test.ts',
  'properties/mutants/mutants.test.ts',
  'cli/campaign/campaign.test.ts',
  'cli/stack.test.ts',
]

/** Starts the longest files first. One that starts last keeps one core busy, and the others wait for it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex(name => moduleId.endsWith(`/${name}`))
      return found < 0 ? LONGEST.length : found
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

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
    // Many files wait for processes, servers and timers most of the time. One worker more keeps all cores busy meanwhile; each
    // further one loads all modules and lowers all machines again.
    maxWorkers: availableParallelism() + 1,
    // Files share workers: modules stay loaded, and code stays compiled. A worker for each file takes 40 % more CPU time.
    isolate: false,
    // Lowering a world makes some ten megabytes of long-lived objects. A larger nursery saves a tenth of the CPU time.
    execArgv: ['--min-semi-space-size=32'],
    sequence: { sequencer: LongestFirst },
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
