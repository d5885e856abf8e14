/** For tests: a real nats-server process with a port and folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { haveAll } from '../../../../checker/testing/programs.ts'
import { must } from '../../../../checker/text/at.ts'
import { freePort } from '../../../link/testing/freePort.ts'
import { NatsRegistry } from '../nats.ts'

/** Returns whether tests can run a NATS server here. */
export const hasNats = (): boolean =>
  haveAll('registries and campaigns do not run with NATS', ['nats-server', '--version'])

export class NatsServer implements AsyncDisposable {
  readonly port: number
  readonly #more: readonly string[]
  #folder = mkdtempSync(join(tmpdir(), 'serval-nats-'))
  #process: ChildProcess | undefined

  private constructor(port: number, more: readonly string[]) {
    this.port = port
    this.#more = more
  }

  /** `more`: further arguments of the command. */
  static async start(more: readonly string[] = []): Promise<NatsServer> {
    const server = new NatsServer(await freePort(), more)
    await server.start()
    return server
  }

  /** Starts three servers of one cluster, and waits for a leader. */
  static async cluster(): Promise<NatsServer[]> {
    const ports = await Promise.all(Array.from({ length: 3 }, freePort))
    const routes = ports.map(port => `nats://127.0.0.1:${port}`).join(',')
    const starting = ports.map(port =>
      NatsServer.start([
        ...['--name', `node${port}`, '--cluster_name', 'test'],
        ...['--cluster', `nats://127.0.0.1:${port}`, '--routes', routes],
      ]),
    )
    return Promise.all(starting)
  }

  /** Returns a registry in this server. */
  registry(): NatsRegistry {
    return new NatsRegistry({ servers: [this.address], answerMs: 2000 })
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Restarts it at the same place. */
  async start(): Promise<void> {
    const args = ['-a', '127.0.0.1', '-p', String(this.port), '-js', '-sd', this.#folder, ...this.#more]
    const child = spawn('nats-server', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    let log = ''
    // Keeps the pipe open: a server that cannot write its log dies.
    await new Promise<void>((resolve, reject) => {
      must(child.stderr).on('data', chunk => {
        log += chunk
        if (log.includes('Server is ready')) resolve()
      })
      child.on('exit', () => reject(new Error(`nats-server did not start: ${log}`)))
    })
  }

  /** Kills it like a power failure. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Deletes its data. */
  empty(): void {
    rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = mkdtempSync(join(tmpdir(), 'serval-nats-'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
