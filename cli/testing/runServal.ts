/** For tests: the command as people meet it, in a process and a folder of its own. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Manner {
  readonly cwd?: string
  /** Arguments for Node. */
  readonly node?: readonly string[]
  /** Sends SIGINT as soon as standard error says something. */
  readonly interrupt?: boolean
}

const script = fileURLToPath(new URL('../serval.js', import.meta.url))

/** Runs `serval` with `args` to its end. */
export function runServal(args: readonly string[], manner: Manner = {}): Promise<Ended> {
  const { cwd = process.cwd(), node = [], interrupt = false } = manner
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...env } = process.env
  const child = spawn(process.execPath, [...node, script, ...args], { cwd, env })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', chunk => out.push(chunk))
  child.stderr.on('data', chunk => {
    if (interrupt && err.length === 0) child.kill('SIGINT')
    err.push(chunk)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', status =>
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    )
  })
}

/** A folder that is gone at the end of the `using` block. */
export function scratchFolder(): { readonly path: string; readonly [Symbol.dispose]: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'serval-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
