/** For tests: the command, in this process or in one of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { run } from '../run.ts'

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Manner {
  readonly cwd?: string
  /** The folder of the admin sockets that it asks. */
  readonly runtime?: string
}

interface ProcessManner extends Manner {
  /** Arguments for Node. */
  readonly node?: readonly string[]
  /** The file that it runs: {@link COMMAND} by default. */
  readonly script?: string
  /** Sends SIGINT as soon as standard error says something. */
  readonly interrupt?: boolean
}

const home = process.cwd()

/** The last run. Runs share the output, folder and environment of this process, so each waits for the one before. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Runs `serval` with `args` to its end in this process. Later runs reuse the machines that earlier ones lowered.
 */
export function runServal(args: readonly string[], { cwd = home, runtime }: Manner = {}): Promise<Ended> {
  const ended = last.then(() => runHere(args, cwd, runtime))
  last = ended.catch(() => {})
  return ended
}

async function runHere(args: readonly string[], cwd: string, runtime?: string): Promise<Ended> {
  const { FORCE_COLOR: colour, XDG_RUNTIME_DIR: before } = process.env
  const [out, err] = [record(process.stdout), record(process.stderr)]
  try {
    delete process.env.FORCE_COLOR
    if (runtime !== undefined) process.env.XDG_RUNTIME_DIR = runtime
    process.chdir(cwd)
    const status = await run(args)
    return { status, stdout: out.text, stderr: err.text }
  } finally {
    process.chdir(home)
    if (colour !== undefined) process.env.FORCE_COLOR = colour
    if (before !== undefined) process.env.XDG_RUNTIME_DIR = before
    else delete process.env.XDG_RUNTIME_DIR
    out.end()
    err.end()
  }
}

/** Collects what is written to a stream until `end`. */
function record(stream: NodeJS.WriteStream) {
  const write = stream.write
  const recorded = {
    text: '',
    end: () => {
      stream.write = write
    },
  }
  stream.write = (chunk: string | Uint8Array) => {
    recorded.text += Buffer.from(chunk as Uint8Array).toString()
    return true
  }
  return recorded
}

/** The command as people run it in a checkout. */
export const LAUNCHER = fileURLToPath(new URL('../serval.js', import.meta.url))
/** The same command in one file, which starts in a fifth of the CPU time. */
export const COMMAND = inject('command') ?? LAUNCHER

interface SpawnManner extends ProcessManner {
  readonly more?: NodeJS.ProcessEnv
  /** The command that runs it, such as one that enters a network namespace. */
  readonly under?: readonly string[]
}

/** Starts `serval` with `args` in a process of its own, without this one's colours and options of Node. */
export function spawnScript(
  args: readonly string[],
  { cwd, node = [], script = COMMAND, more = {}, under = [] }: SpawnManner = {},
): ChildProcessWithoutNullStreams {
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...env } = process.env
  const [command, ...rest] = [...under, process.execPath, ...node, script, ...args]
  return spawn(must(command), rest, { cwd, env: { ...env, ...more } })
}

/** Runs `serval` with `args` to its end as people do, in a process of its own. */
export function spawnServal(args: readonly string[], manner: ProcessManner = {}): Promise<Ended> {
  const child = spawnScript(args, manner)
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', chunk => out.push(chunk))
  child.stderr.on('data', chunk => {
    if (manner.interrupt && err.length === 0) child.kill('SIGINT')
    err.push(chunk)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', status =>
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    )
  })
}
