/** A client of the store. As with any cache, it fetches a missing value from the source, and stores it. */
import { hash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { connect, type Stack } from '../../impl/sockets/index.ts'
import { serviceOf } from './partitions.ts'
import type { Request, StoreAnswer } from './server.ts'

/** The server that answered for a key, and whether it had the key. */
export interface Found {
  readonly server: string
  readonly wasThere: boolean
}

/** The source of values, which would be slow in practice. */
const origin = (key: string): string => hash('sha256', `value of ${key}`)

export class StoreClient {
  readonly #stack: Stack

  /** The stack knows where a router is. Which server has which keys, the client is not told. */
  constructor(stack: Stack) {
    this.#stack = stack
  }

  /** Rejects when nobody answers, or with another value. */
  async fetch(key: string): Promise<Found> {
    const { server, value } = await this.#ask({ do: 'get', key })
    if (value !== undefined && value !== origin(key))
      throw new Error(`${server} has another value for ${key}`)
    if (value === undefined) await this.#ask({ do: 'set', key, value: origin(key) })
    return { server, wasThere: value !== undefined }
  }

  async #ask(request: Request): Promise<StoreAnswer> {
    const socket = connect({ service: serviceOf(request.key), stack: this.#stack })
    socket.end(JSON.stringify(request))
    return JSON.parse(await text(socket)) as StoreAnswer
  }
}
