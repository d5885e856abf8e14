/** Asks a running stack. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { AdminError } from './errors.ts'
import { linesOf } from './lines.ts'
import { ANSWER_LIMIT, decodeAnswer, encodeRequest } from './messages.ts'
import type { Method, Params, Result } from './methods.ts'

/** Facts are told at once, even by a busy process; who says nothing for so long hangs, or is stopped. ms */
export const ANSWER_WAIT_MS = 10_000

/** Those that end when the network has answered, which the stack itself bounds. */
const SLOW: ReadonlySet<Method> = new Set(['migrate', 'moveInterface'])

export class AdminClient {
  readonly #socket: Socket
  readonly #lines: AsyncGenerator<string>
  readonly #path: string
  #asked = 0
  #last: Promise<unknown> = Promise.resolve()

  private constructor(socket: Socket, path: string) {
    this.#socket = socket
    this.#path = path
    this.#lines = linesOf(socket, ANSWER_LIMIT)
    socket.on('error', () => {})
  }

  /** Rejects with the system's error. */
  static async open(path: string): Promise<AdminClient> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new AdminClient(socket, path)
  }

  /** Resolves with the answer, after those to what was asked before. Rejects with a AdminError. */
  ask<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const asked = this.#last.then(() => this.#ask(method, params))
    this.#last = asked.catch(() => {})
    return asked
  }

  close(): void {
    this.#socket.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #ask<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const timer = SLOW.has(method) ? undefined : setTimeout(() => this.close(), ANSWER_WAIT_MS)
    try {
      this.#socket.write(encodeRequest(++this.#asked, method, params))
      const { value, done } = await this.#lines.next().catch(error => {
        throw error instanceof AdminError ? error : this.#gone()
      })
      if (done) throw this.#gone()
      return decodeAnswer(method, value).result
    } finally {
      clearTimeout(timer)
    }
  }

  #gone(): AdminError {
    return new AdminError('ADMIN_GONE', `nobody answers at ${this.#path} any more; see what is running`)
  }
}
