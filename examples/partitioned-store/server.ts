/** A server of the store: keeps values that clients put, and returns values that clients request. */

import { text } from 'node:stream/consumers'
import { at } from '../../checker/text/at.ts'
import { Agent } from '../../impl/controller/index.ts'
import { createServer, type Socket, Stack } from '../../impl/sockets/index.ts'
import type { Plane } from '../plane.ts'
import { prefixesOf } from './partitions.ts'

/** One to each connection. */
export type Request =
  | { readonly do: 'get'; readonly key: string }
  | { readonly do: 'set'; readonly key: string; readonly value: string }

export interface StoreAnswer {
  readonly server: string
  /** Undefined: the server does not have it. */
  readonly value?: string | undefined
}

export class StoreServer {
  readonly name: string
  readonly #stack: Stack
  readonly #agent: Agent
  readonly #prefixes: readonly string[]
  readonly #kept = new Map<string, string>()

  private constructor(name: string, stack: Stack, agent: Agent, prefixes: readonly string[]) {
    this.name = name
    this.#stack = stack
    this.#agent = agent
    this.#prefixes = prefixes
  }

  /** Resolves when its prefixes are registered and the router knows. */
  static async open(plane: Plane, name: string, address: string, quarter: number): Promise<StoreServer> {
    const stack = await new Stack({ addresses: [`${address}:0`] }).opened()
    const agent = new Agent({ stack, controllers: [plane.at] })
    const store = new StoreServer(name, stack, agent, prefixesOf(quarter))
    const serve = (socket: Socket): void => void store.#serve(socket).catch(() => socket.destroy())
    for (const prefix of store.#prefixes) {
      createServer({ stack, allowHalfOpen: true }, serve).listen(prefix)
      await agent.registered(prefix)
      await plane.routed({ prefix, address: at(stack.addresses, 0) }, true)
    }
    return store
  }

  /** Nobody is led here any more; ends when those who have asked are answered. */
  async leave(): Promise<void> {
    await Promise.all(this.#prefixes.map(prefix => this.#agent.withdraw(prefix)))
    await this.close()
  }

  close(): Promise<void> {
    return this.#stack.close()
  }

  async #serve(socket: Socket): Promise<void> {
    const request = JSON.parse(await text(socket)) as Request
    if (request.do === 'set') this.#kept.set(request.key, request.value)
    const answer: StoreAnswer = { server: this.name, value: this.#kept.get(request.key) }
    socket.end(JSON.stringify(answer))
  }
}
