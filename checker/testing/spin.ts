import { spawn, spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { haveAll } from './programs.ts'
import { type PanReport, parsePan, SpinError } from './report.ts'

const TOOLS = [
  ['spin', '-V'],
  ['gcc', '--version'],
] as const

/** Returns which of spin and gcc cannot run here. */
export const missingTools = (): string[] =>
  TOOLS.filter(([name, version]) => spawnSync(name, [version]).status !== 0).map(([name]) => name)

/** Returns whether tests can compare with SPIN here. */
export const hasSpin = (): boolean => haveAll('nothing is compared with SPIN', ...TOOLS)

/**
 * The flags under which pan's states are exactly the reachable ones: safety only, without partial-order
 * reduction.
 */
const EXACT = ['-DSAFETY', '-DNOREDUCE']

/** How to compile pan. */
export interface BuildOptions {
  /** The folder for files, made if missing. One build at a time uses it. */
  readonly dir: string
  /** The memory of a search, in megabytes. Default: 4096. */
  readonly memoryMb?: number
  /** Further flags for gcc, such as `-DCOLLAPSE`. Default: `-O3`. */
  readonly flags?: readonly string[]
}

/** How to run pan. */
export interface RunOptions {
  /** Deepest path of the search, in steps. */
  readonly depth: number
  /** Slots of the hash table, as a power of two. Default: pan's own, 24. */
  readonly hashBits?: number
}

/** SPIN's result. */
export interface SpinCounts extends PanReport {
  /** Wall time of `./pan` alone, in seconds. */
  readonly seconds: number
  /** All of pan's memory, including its hash table and stack, divided by the distinct states. */
  readonly bytesPerState: number
}

/** The search stack of the first try, in steps. It takes far less memory than the hash table. */
const FIRST_DEPTH = 1_000_000
/**
 * The deepest search stack, in steps. At about 50 bytes a step it takes 32 GB: deeper than any search that this
 * oracle is for.
 */
const LAST_DEPTH = 640_000_000

/**
 * Counts the states of a Promela text with the real SPIN.
 *
 * @throws SpinError with any of its codes
 */
export async function countStates(
  text: string,
  options: BuildOptions & Partial<RunOptions>,
): Promise<SpinCounts> {
  return runDeepEnough(await buildPan(text, options), options)
}

/** Runs pan with a search stack as deep as it needs, starting with `depth`. */
export async function runDeepEnough(pan: string, options: Partial<RunOptions>): Promise<SpinCounts> {
  for (let depth = options.depth ?? FIRST_DEPTH; ; depth *= 8) {
    try {
      return await runPan(pan, { ...options, depth })
    } catch (error) {
      const deeper = error instanceof SpinError && error.code === 'SPN004' && depth * 8 <= LAST_DEPTH
      if (!deeper) throw error
    }
  }
}

/** Compiles pan from a Promela text. Returns its path. */
export async function buildPan(text: string, { dir, memoryMb = 4096, flags = ['-O3'] }: BuildOptions) {
  const missing = missingTools()
  if (missing.length > 0) {
    throw new SpinError('SPN001', `${missing.join(' and ')} not found; apt-get install spin gcc libc6-dev.`)
  }
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'model.pml'), text)
  // -o2 keeps dead variables in the state, as our definition of a state demands.
  await tool(dir, 'spin', ['-o2', '-a', 'model.pml'])
  await tool(dir, 'gcc', ['-w', ...flags, ...EXACT, `-DMEMLIM=${memoryMb}`, '-o', 'pan', 'pan.c'])
  return join(dir, 'pan')
}

/** Reports whether pan finds a run that the never claim of a Promela text accepts: an acceptance cycle. */
export async function findsCycle(text: string, dir: string): Promise<boolean> {
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'model.pml'), text)
  await tool(dir, 'spin', ['-o2', '-a', 'model.pml'])
  await tool(dir, 'gcc', ['-w', '-O0', '-DNOREDUCE', '-o', 'pan', 'pan.c'])
  const { output } = await run(dir, join(dir, 'pan'), ['-a', '-n', '-m1000000'])
  const errors = /errors: (\d+)/.exec(output)?.[1]
  const isWhole = !/max search depth too small|out of memory/.test(output)
  if (errors === undefined || (errors === '0' && !isWhole) || /assertion violated/.test(output))
    throw new SpinError('SPN005', `pan did not decide the claim:\n${output.slice(0, 2000)}`)
  return errors !== '0'
}

/** Runs pan once. */
export async function runPan(pan: string, { depth, hashBits }: RunOptions): Promise<SpinCounts> {
  const hash = hashBits === undefined ? [] : [`-w${hashBits}`]
  const start = process.hrtime.bigint()
  const { output } = await run(join(pan, '..'), pan, ['-n', `-m${depth}`, ...hash])
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  const report = parsePan(output)
  return { ...report, seconds, bytesPerState: report.bytes / report.distinct }
}

/** Runs spin or gcc. Both report errors in their status and in words. */
async function tool(dir: string, command: string, args: readonly string[]): Promise<void> {
  const { output, status } = await run(dir, command, args)
  // The status of spin is that of its last step; it reports some errors of the text only in words.
  if (status !== 0 || /^spin: .*[Ee]rror/m.test(output)) {
    throw new SpinError('SPN002', `${command} ${args.join(' ')} in ${dir} failed:\n${output.slice(0, 2000)}`)
  }
}

function run(dir: string, command: string, args: readonly string[]) {
  return new Promise<{ output: string; status: number | null }>((resolve, reject) => {
    const child = spawn(command, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', status => resolve({ output, status }))
  })
}
