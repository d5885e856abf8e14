/** A client of a running stack's admin socket. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { AdminError } from './errors.ts'
import { linesOf } from './lines.ts'
import { ANSWER_LIMIT, decodeAnswer, encodeRequest } from './messages.ts'
import type { Method, Params, Result } from './methods.ts'

/** How long to wait for an answer, ms. Even a busy process answers at once, so a silent one hangs or is stopped. */
const ANSWER_WAIT_MS = 10_000

/** Methods that wait for the network. The stack itself limits their time. */
const SLOW: ReadonlySet<Method> = new Set(['migrate', 'moveInterface'])

/** Asks a running stack through its admin socket. */
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

  /** Resolves to the answer, after those to earlier requests. Rejects with an AdminError. */
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
    return new AdminError(
      'ADMIN_GONE',
      `the process at ${this.#path} no longer answers; list the running ones with serval flows`,
    )
  }
}
