/** Starts a program when somebody asks for a service that nobody has: the instance that it registers answers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { covers, printPrefix, type ServicePrefix, servicePrefixOf } from '../sal/serviceId.ts'
import { START_LIMIT_MS, START_PAUSE_MS } from './limits.ts'

export interface StartOptions {
  /** Commands by the services that they serve, `acme/web` and all below it. */
  readonly commands: Readonly<Record<string, string>>
  /** What programs find in their environment, besides SERVAL_SERVICE. */
  readonly env?: Readonly<Record<string, string>>
  readonly limitMs?: number
  /** It came to nothing: the program has ended, or nothing was registered in time. */
  readonly failed: (id: string, what: string) => void
}

interface Command {
  readonly prefix: ServicePrefix
  readonly command: string
}

interface Start {
  /** Of the command's prefix. */
  readonly bits: number
  readonly child: ChildProcess
  readonly timer: NodeJS.Timeout
}

/** Characters of what a program says on standard error before it ends. */
const SAID_CHARS = 200

export class Starter {
  readonly #options: StartOptions
  readonly #commands: readonly Command[]
  readonly #starting = new Map<string, Start>()
  readonly #pausing = new Set<string>()
  /** What there are commands for: digits, and as it was given. */
  readonly names: ReadonlyMap<string, string>
  /** How many programs were started. */
  started = 0

  /** Throws a ServiceError. */
  constructor(options: StartOptions) {
    this.#options = options
    this.#commands = Object.entries(options.commands)
      .map(([name, command]) => ({ prefix: servicePrefixOf(name), command }))
      .sort((a, b) => b.prefix.bits - a.prefix.bits)
    this.names = new Map(this.#commands.map(({ prefix }) => [printPrefix(prefix), prefix.text]))
  }

  /** Nobody has the service. Whether an answer is to be waited for: a program is started, now or already. */
  start(id: string): boolean {
    if (this.#starting.has(id)) return true
    const service = Buffer.from(id, 'hex')
    const wanted = this.#commands.find(({ prefix }) => covers(prefix, service))
    if (wanted === undefined || this.#pausing.has(id)) return false
    this.started++
    this.#spawn(id, wanted)
    return true
  }

  /** Somebody has registered the service, or all of a prefix that is not shorter than the command's. */
  arrived(prefix: ServicePrefix): void {
    for (const [id, { bits, timer }] of this.#starting) {
      if (prefix.bits < bits || !covers(prefix, Buffer.from(id, 'hex'))) continue
      clearTimeout(timer)
      this.#starting.delete(id)
    }
  }

  /** Programs that have not arrived are ended; the others live on. */
  close(): void {
    for (const { child, timer } of this.#starting.values()) {
      clearTimeout(timer)
      child.kill()
    }
    this.#starting.clear()
  }

  #spawn(id: string, { prefix, command }: Command): void {
    const { env, limitMs = START_LIMIT_MS } = this.#options
    const child = spawn(command, {
      shell: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env, SERVAL_SERVICE: id },
    })
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', text => {
      said = (said + text).slice(-SAID_CHARS)
    })
    const fail = (why: string): void => this.#fail(id, `${prefix.text}: ${why}`)
    const timer = setTimeout(() => fail('it has registered nothing'), limitMs)
    this.#starting.set(id, { bits: prefix.bits, child, timer })
    child.once('error', error => fail(error.message))
    child.once('exit', code => {
      if (this.#starting.get(id)?.child === child) fail(`it has ended with ${code}: ${said.trim()}`)
    })
    child.unref()
  }

  #fail(id: string, what: string): void {
    const start = this.#starting.get(id)
    if (start === undefined) return
    clearTimeout(start.timer)
    start.child.kill()
    this.#starting.delete(id)
    this.#pausing.add(id)
    setTimeout(() => this.#pausing.delete(id), START_PAUSE_MS).unref()
    this.#options.failed(id, what)
  }
}
