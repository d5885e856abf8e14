/** A controller that benchmarks measure from outside. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../checker/text/at.ts'
import { cpuMs } from './cpu.ts'

/** Starts a controller in a process of its own, with a folder of its own. */
export async function startController(...more: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'serval-bench-'))
  const main = new URL('../cli/serval.js', import.meta.url).pathname
  const args = [main, 'controller', '--address', '127.0.119.1:0', ...more]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, XDG_RUNTIME_DIR: folder, XDG_STATE_HOME: folder },
  })
  const [said] = await once(child.stderr, 'data')
  child.stderr.resume()
  const pid = must(child.pid)
  return {
    at: must(/at ([\d.:]+)/.exec(String(said)))[1] as string,
    cpu: () => cpuMs(pid),
    /** Resident memory, bytes. */
    memory: () =>
      Number(must(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')))[1]) * 1024,
    end: async (): Promise<void> => {
      child.kill('SIGKILL')
      await once(child, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Started = Awaited<ReturnType<typeof startController>>
