/** A server of the store: keeps the keys that it is told, and answers those that it is asked. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { createServer, type Socket, Stack } from '../../impl/socket/index.ts'
import { PARTITIONS } from './partitions.ts'

/** One to each connection. */
export type Request =
  | { readonly do: 'get'; readonly key: string }
  | { readonly do: 'set'; readonly key: string; readonly value: string }

export interface Answer {
  readonly server: string
  /** Undefined: the server does not have it. */
  readonly value?: string | undefined
}

export class StoreServer {
  readonly name: string
  readonly #stack: Stack
  readonly #kept = new Map<string, string>()

  private constructor(name: string, stack: Stack) {
    this.name = name
    this.#stack = stack
  }

  /** It could answer for any key. Which ones it is asked for, the rules say that lead to it. */
  static async open(name: string, address: string): Promise<StoreServer> {
    const store = new StoreServer(name, await new Stack({ addresses: [`${address}:0`] }).opened())
    const serve = (socket: Socket): void => void store.#serve(socket).catch(() => socket.destroy())
    const options = { stack: store.#stack, allowHalfOpen: true }
    const servers = PARTITIONS.map(service => createServer(options, serve).listen(service))
    await Promise.all(servers.map(server => once(server, 'listening')))
    return store
  }

  get address(): string {
    return this.#stack.addresses[0]!
  }

  /** Ends when those who have asked are answered. */
  close(): Promise<void> {
    return this.#stack.close()
  }

  async #serve(socket: Socket): Promise<void> {
    const request = JSON.parse(await text(socket)) as Request
    if (request.do === 'set') this.#kept.set(request.key, request.value)
    const answer: Answer = { server: this.name, value: this.#kept.get(request.key) }
    socket.end(JSON.stringify(answer))
  }
}
