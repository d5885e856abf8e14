/** Two relays to a TCP port, each of two processes: Serval's commands, and two hops of plain TCP. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cpuMs } from '../cpu.ts'

export interface TcpRelay {
  readonly port: number
  /** Processor time of both processes so far, microseconds. */
  cpuUs(): number
  end(): void
}

const relayOf = (port: number, processes: readonly ChildProcess[]): TcpRelay => ({
  port,
  cpuUs: () => processes.reduce((sum, child) => sum + 1000 * cpuMs(child.pid as number), 0),
  end() {
    for (const child of processes) {
      child.kill()
      child.stderr?.destroy()
    }
  },
})

/** Two hops of plain TCP. */
export async function throughTcp(to: number): Promise<TcpRelay> {
  const processes: ChildProcess[] = []
  let port = to
  for (let hop = 0; hop < 2; hop++) {
    const child = fork(join(import.meta.dirname, 'hop.ts'), [String(port)])
    processes.push(child)
    ;[port] = await once(child, 'message')
  }
  return relayOf(port, processes)
}

const script = join(import.meta.dirname, '../../cli/serval.js')

/** Starts a command; resolves with the first group of `pattern` in what it says. */
async function start(args: readonly string[], pattern: RegExp): Promise<readonly [ChildProcess, string]> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  for await (const line of createInterface(child.stderr)) {
    const found = pattern.exec(line)?.[1]
    if (found === undefined) continue
    // The end of the loop pauses what it has read; a full pipe would stop the process.
    setImmediate(() => child.stderr.resume())
    return [child, found]
  }
  throw new Error(`serval ${args[0]} has ended`)
}

/** `serval connect --tcp`, and `serval listen --tcp` behind it. */
export async function throughServal(to: number, name: string): Promise<TcpRelay> {
  const at = ['--address', '127.0.0.1:0']
  const service = `bench/${name}`
  const [listening, via] = await start(
    ['listen', service, '--tcp', `127.0.0.1:${to}`, ...at],
    /^listening on \S+ at (\S+)/,
  )
  const [connecting, tcp] = await start(
    ['connect', service, '--via', via, '--tcp', '127.0.0.1:0', ...at],
    /^accepting TCP at 127\.0\.0\.1:(\d+)/,
  )
  return relayOf(Number(tcp), [listening, connecting])
}
