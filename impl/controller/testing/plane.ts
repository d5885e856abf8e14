/** For tests: controllers and hosts with agents, over UDP on loopback. */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { at } from '../../../checker/text/at.ts'
import { connect, createServer, type Socket, Stack, type StackOptions } from '../../sockets/index.ts'
import { Agent } from '../agent.ts'
import type { AgentOptions } from '../agentOptions.ts'
import { Controller } from '../controller.ts'
import type { ControllerAt } from '../controllerAt.ts'
import type { ControllerOptions } from '../controllerOptions.ts'
import { MemoryRegistry } from '../registry/memory.ts'
import { PortForward } from './portForward.ts'

export interface Placed {
  readonly stack: Stack
  readonly agent: Agent
}

/** Closes everything in reverse order of opening. */
export class Plane implements AsyncDisposable {
  readonly #opened: (() => Promise<void>)[] = []
  #hosts = 0

  async stack(options: StackOptions = {}): Promise<Stack> {
    const addresses = [`127.0.1.${++this.#hosts}:0`]
    const stack = await new Stack({ addresses, ...options }).opened()
    this.#opened.push(() => stack.close({ limitMs: 0 }))
    return stack
  }

  /** Returns a file name in a temporary folder. */
  file(): string {
    const folder = mkdtempSync(join(tmpdir(), 'serval-plane-'))
    this.#opened.unshift(async () => rmSync(folder, { recursive: true, force: true }))
    return join(folder, 'registry.journal')
  }

  /** Opens a controller at its stack's address. */
  async controller(
    options: Partial<ControllerOptions> = {},
  ): Promise<Controller & { readonly at: string; readonly stack: Stack }> {
    const stack = options.stack ?? (await this.stack())
    const controller = new Controller({ registry: new MemoryRegistry(), ...options, stack })
    await controller.open()
    this.#opened.push(() => controller.close())
    return Object.assign(controller, { at: at(stack.addresses, 0), stack })
  }

  /** Opens a port at `host` that leads to `target`. */
  async portForward(host: string, target: string): Promise<PortForward> {
    const forward = await PortForward.open(host, target)
    this.#opened.push(() => forward.close())
    return forward
  }

  /** Opens a host connected to a controller. */
  async host(
    controllers: readonly (string | ControllerAt)[],
    options: Partial<AgentOptions> = {},
    ofStack: StackOptions = {},
  ): Promise<Placed> {
    const stack = await this.stack(ofStack)
    const agent = new Agent({ stack, controllers, delays: true, ...options })
    this.#opened.push(() => agent.close())
    await agent.connected()
    return { stack, agent }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#opened.reverse()) await close()
  }
}

/** Serves and registers a service that sends `word` to every client. */
export async function serve({ stack, agent }: Placed, service: string, word: string) {
  const server = createServer({ stack }, socket => {
    // A client's stack that closes at once resets its unfinished connections.
    socket.on('error', () => {})
    socket.end(word)
  })
  server.listen(service)
  await agent.registered(service)
  return server
}

/** Returns what the service sends to a new connection. */
export async function ask(stack: Stack, service: string): Promise<string> {
  const socket: Socket = connect({ service, stack })
  const pieces: Buffer[] = []
  socket.on('data', piece => pieces.push(piece))
  // `once` below rejects with an error. A reset that follows it concerns nobody.
  socket.on('error', () => {})
  await once(socket, 'close')
  return Buffer.concat(pieces).toString()
}

/** Polls until `isSo`. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(10)
}
