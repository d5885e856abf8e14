/** A controller that benchmarks measure from outside. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { must } from '../checker/text/at.ts'
import { cpuMs } from './cpu.ts'

/** Starts a controller in a process of its own, with a folder of its own. */
export async function startController(...more: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'serval-bench-'))
  const main = new URL('../cli/serval.js', import.meta.url).pathname
  const args = ['--inspect=127.0.0.1:0', main, 'controller', '--address', '127.0.119.1:0', ...more]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, XDG_RUNTIME_DIR: folder, XDG_STATE_HOME: folder },
  })
  let [at, inspector] = ['', '']
  for await (const line of createInterface(child.stderr)) {
    inspector ||= /ws:\S+/.exec(line)?.[0] ?? ''
    at ||= /controller at ([\d.:]+)/.exec(line)?.[1] ?? ''
    if (at !== '') break
  }
  child.stderr.resume()
  const pid = must(child.pid)
  return {
    at,
    cpu: () => cpuMs(pid),
    /** Resident memory, bytes. */
    memory: () =>
      Number(must(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')))[1]) * 1024,
    /** Bytes of objects and of buffers that are alive. */
    live: () => liveBytes(inspector),
    end: async (): Promise<void> => {
      child.kill('SIGKILL')
      await once(child, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Started = Awaited<ReturnType<typeof startController>>

/** Collects the garbage of a process, and returns the bytes that are left. */
async function liveBytes(inspector: string): Promise<number> {
  const socket = new WebSocket(inspector)
  await new Promise(resolve => socket.addEventListener('open', resolve))
  const ask = (method: string): Promise<{ usedSize: number; backingStorageSize: number }> =>
    new Promise(resolve => {
      socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data)).result), {
        once: true,
      })
      socket.send(JSON.stringify({ id: 1, method }))
    })
  for (let i = 0; i < 3; i++) await ask('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await ask('Runtime.getHeapUsage')
  socket.close()
  return usedSize + backingStorageSize
}
