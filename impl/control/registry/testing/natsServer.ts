/** For tests: a real nats-server process on a port of its own, with a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Whether nats-server can be run here. Where not, says so in one line, and the suite goes on without it; a run with `CI`
 * set must not skip it silently, and fails.
 */
export function natsForTests(ci: string | undefined, command = 'nats-server'): boolean {
  if (spawnSync(command, ['--version']).status === 0) return true
  const what = `${command} not found; install with: apt-get install nats-server`
  if (ci !== undefined && ci !== '' && ci !== 'false') throw new Error(what)
  process.stderr.write(`tests with a NATS server are skipped: ${what}\n`)
  return false
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export class NatsServer implements AsyncDisposable {
  readonly port: number
  #folder = mkdtempSync(join(tmpdir(), 'serval-nats-'))
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<NatsServer> {
    const server = new NatsServer(await freePort())
    await server.start()
    return server
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Starts it again, where it was. */
  async start(): Promise<void> {
    const args = ['-a', '127.0.0.1', '-p', String(this.port), '-js', '-sd', this.#folder]
    const child = spawn('nats-server', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    let log = ''
    for await (const chunk of child.stderr!) {
      log += chunk
      if (log.includes('Server is ready')) break
    }
    if (!log.includes('Server is ready')) throw new Error(`nats-server did not start: ${log}`)
    child.stderr!.resume()
  }

  /** Kills it as a power failure does. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** What it had is gone. */
  empty(): void {
    rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = mkdtempSync(join(tmpdir(), 'serval-nats-'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
