/** For tests: runs commands as processes, until a test stops them. */

import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { scratchFolder } from '../../checker/testing/scratchFolder.ts'
import { must } from '../../checker/text/at.ts'
import { type Ended, runServal, spawnScript } from './runServal.ts'

export interface Started extends AsyncDisposable {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  /** Resolves with the first group of `pattern` when standard error matches. Rejects when it ends without. */
  said(pattern: RegExp): Promise<string>
  /** All of standard error so far. */
  readonly stderr: string
  /** Sends a signal, and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
}

/**
 * Starts `serval` with `args`; its admin sockets, and those it asks, are in the folder `runtime`. `under` is the command that
 * runs it.
 */
export function startServal(
  args: readonly string[],
  runtime: string,
  under: readonly string[] = [],
): Started {
  const child = spawnScript(args, { more: { XDG_RUNTIME_DIR: runtime }, under })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([status]) => status as number | null)
  return {
    pid: must(child.pid),
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    async said(pattern) {
      for (;;) {
        const match = pattern.exec(stderr)
        if (match !== null) return match[1] ?? match[0]
        if (child.stderr.readableEnded) throw new Error(`never said ${pattern}, but: ${stderr}`)
        await Promise.race([once(child.stderr, 'data'), once(child.stderr, 'end')])
      }
    },
    get stderr() {
      return stderr
    },
    stop(signal = 'SIGINT') {
      child.kill(signal)
      return ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      child.stdout.destroy()
      await ended
    },
  }
}

export interface Result {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs to the end, with `input` as standard input. */
export async function finish(started: Started, input: Uint8Array | string = ''): Promise<Result> {
  started.stdin.end(input)
  const stdout = await buffer(started.stdout)
  return { status: await started.ended, stdout, stderr: started.stderr }
}

/** A folder for admin sockets and files, and processes that end with the block. */
export function sandbox() {
  const folder = scratchFolder()
  const processes: Started[] = []
  const startUnder = (under: readonly string[], ...args: string[]): Started => {
    const started = startServal(args, folder.path, under)
    processes.push(started)
    return started
  }
  const start = (...args: string[]): Started => startUnder([], ...args)
  return {
    path: (name: string): string => join(folder.path, name),
    start,
    startUnder,
    run: (args: readonly string[], input?: Uint8Array | string): Promise<Result> =>
      finish(start(...args), input),
    /** Runs a command that only asks stacks, in this process, which takes a tenth of the CPU time. */
    ask: (...args: string[]): Promise<Ended> => runServal(args, { runtime: folder.path }),
    /** Listens at two addresses; resolves with the process, and the first of them, when it does. */
    async listen(service: string, ...args: string[]): Promise<{ started: Started; via: string }> {
      const addresses = ['--address', '127.0.0.1:0', '--address', '127.0.0.2:0']
      const started = start('listen', service, ...addresses, ...args)
      return { started, via: await started.said(/^listening on \S+ at (\S+),/m) }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(processes.map(one => one[Symbol.asyncDispose]()))
      folder[Symbol.dispose]()
    },
  }
}
