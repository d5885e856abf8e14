/** For tests: runs programs of the system to their end. */
import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'

export interface Ran {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs a program to its end, with this process's own environment and `more`. */
export async function runProgram(
  command: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const child = spawn(command, args, { env: { ...process.env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
  const status = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr)])
  return { status: await status, stdout, stderr: `${stderr}` }
}
