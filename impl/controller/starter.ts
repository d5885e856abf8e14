/** Starts a program when a client asks for a service without instances; the program registers one. */

import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { RateLimit } from '../host/paths/rateLimit.ts'
import { covers, printPrefix, type ServicePrefix, servicePrefixOf } from '../host/services/serviceId.ts'
import { childEnvironment } from './childEnvironment.ts'
import {
  START_LIMIT_MS,
  START_PAUSE_MS,
  STARTS_AT_ONCE,
  STARTS_PER_SECOND,
  STARTS_RUNNING,
  STARTS_WAITING,
} from './limits.ts'
import { endGroup } from './processGroup.ts'

export interface StartOptions {
  /** Commands by the service that they start: `acme/web` includes everything below it. */
  readonly commands: Readonly<Record<string, string>>
  /** Environment variables of the programs, besides SERVAL_SERVICE. */
  readonly env?: Readonly<Record<string, string>>
  readonly limitMs?: number
  /** The time, ms. */
  readonly now: () => number
  /** A start has failed: the program ended, or registered nothing in time. */
  readonly failed: (id: string, what: string) => void
}

interface Start {
  readonly id: string
  readonly child: ChildProcess
  readonly timer: NodeJS.Timeout
}

/** A command, and the services that it should start, one after the other. */
interface Command {
  readonly prefix: ServicePrefix
  readonly command: string
  readonly rate: RateLimit
  /** Services in the order of requests, including the one being started. */
  readonly wanted: Set<string>
  start: Start | undefined
  /** Runs while the rate limit delays the next start. */
  retry: NodeJS.Timeout | undefined
}

/** How many characters of a program's standard error are kept. */
const SAID_CHARS = 200

export class Starter {
  readonly #options: StartOptions
  readonly #commands: readonly Command[]
  readonly #pausing = new Set<string>()
  /** The services with commands, from digits to names as given. */
  readonly names: ReadonlyMap<string, string>
  /** How many programs were started. */
  started = 0
  /** How many of them still run. */
  #running = 0

  /** Throws a ServiceError. */
  constructor(options: StartOptions) {
    this.#options = options
    this.#commands = Object.entries(options.commands)
      .map(([name, command]) => ({
        ...{ prefix: servicePrefixOf(name), command, wanted: new Set<string>() },
        ...{ rate: new RateLimit(STARTS_PER_SECOND, STARTS_AT_ONCE), start: undefined, retry: undefined },
      }))
      .sort((a, b) => b.prefix.bits - a.prefix.bits)
    this.names = new Map(this.#commands.map(({ prefix }) => [printPrefix(prefix), prefix.text]))
  }

  /**
   * Called for a service without instances. Returns true if the packet should wait: a program is started, now or after
   * those for other services of the command.
   */
  start(id: string): boolean {
    const service = Buffer.from(id, 'hex')
    const command = this.#commands.find(({ prefix }) => covers(prefix, service))
    if (command === undefined || this.#pausing.has(id)) return false
    if (command.wanted.has(id)) return true
    if (command.wanted.size >= STARTS_WAITING || this.#running >= STARTS_RUNNING) return false
    command.wanted.add(id)
    this.#next(command)
    return true
  }

  /** A host has registered the service, or a prefix at least as long as the command's. */
  arrived(prefix: ServicePrefix): void {
    for (const command of this.#commands) {
      if (prefix.bits < command.prefix.bits) continue
      for (const id of command.wanted) if (covers(prefix, Buffer.from(id, 'hex'))) command.wanted.delete(id)
      if (command.start !== undefined && !command.wanted.has(command.start.id)) this.#release(command)
      this.#next(command)
    }
  }

  /** Ends programs that have not registered; others continue. Resolves when they have ended. */
  async close(): Promise<void> {
    const children = this.#commands.flatMap(({ start }) => (start === undefined ? [] : [start.child]))
    for (const command of this.#commands) {
      clearTimeout(command.retry)
      command.wanted.clear()
      this.#release(command)
    }
    await Promise.all(children.map(endGroup))
  }

  /** Starts the program for the longest waiting service, unless one is being started. */
  #next(command: Command): void {
    const [id] = command.wanted
    if (id === undefined || command.start !== undefined) return
    if (this.#running >= STARTS_RUNNING)
      this.#fail(command, id, `${STARTS_RUNNING} started programs run already; end some`)
    else if (command.rate.take(this.#options.now())) this.#spawn(command, id)
    else {
      clearTimeout(command.retry)
      command.retry = setTimeout(() => this.#next(command), 1000 / STARTS_PER_SECOND).unref()
    }
  }

  #spawn(command: Command, id: string): void {
    const { env, limitMs = START_LIMIT_MS } = this.#options
    this.started++
    this.#running++
    const child = spawn(command.command, {
      shell: true,
      // In a process group of its own, so that everything the shell starts ends with it.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...childEnvironment(), ...env, SERVAL_SERVICE: id },
    })
    let said = ''
    // Missing if there is no free file descriptor; `error` follows.
    child.stderr?.setEncoding('utf8').on('data', text => {
      said = (said + text).slice(-SAID_CHARS)
    })
    // Like the child, its standard error does not keep the controller's process running.
    if (child.stderr instanceof Socket) child.stderr.unref()
    const fail = (why: string): void => {
      if (command.start?.child === child) this.#fail(command, id, why)
    }
    const timer = setTimeout(() => fail('it has registered nothing'), limitMs)
    command.start = { id, child, timer }
    // A program that cannot be started emits no `exit`.
    child.once('error', error => {
      if (child.pid === undefined) this.#running--
      fail(error.message)
    })
    child.once('exit', code => {
      this.#running--
      fail(`it has ended with ${code}: ${said.trim()}`)
    })
    child.unref()
  }

  /** A start has failed; the next one follows. */
  #fail(command: Command, id: string, why: string): void {
    const { start } = command
    command.wanted.delete(id)
    if (start?.id === id) {
      this.#release(command)
      void endGroup(start.child)
    }
    this.#pausing.add(id)
    setTimeout(() => this.#pausing.delete(id), START_PAUSE_MS).unref()
    this.#options.failed(id, `${command.prefix.text}: ${why}`)
    this.#next(command)
  }

  /** The start is over. */
  #release(command: Command): void {
    clearTimeout(command.start?.timer)
    command.start = undefined
  }
}
