/** How commands serve connections, and how these end when the command stops. */
import { once } from 'node:events'
import { createServer, type Server, type Socket, type Stack } from '../../impl/sockets/index.ts'
import { SPLICED } from '../../impl/sockets/splice.ts'
import { explain } from '../explain.ts'
import { say } from './say.ts'

/** An hour. */
export const MOST_DRAIN_MS = 3_600_000

/** Listens on a service, says so, and passes each connection to `serve`. Rejects with a SocketError. */
export async function offer(
  service: string,
  options: { readonly stack: Stack; readonly deadAfterMs?: number },
  serve: (socket: Socket, server: Server) => void,
): Promise<Server> {
  const server = createServer({ ...options, ...SPLICED }, (socket: Socket) => serve(socket, server))
  server.listen(service)
  await once(server, 'listening')
  say(`listening on ${service} at ${options.stack.addresses.join(', ')}`)
  return server
}

/** The work of all connections of a command. */
export class Serving {
  readonly #ending = new AbortController()
  readonly #settled = new EventTarget()
  #open = 0

  get hasEnded(): boolean {
    return this.#ending.signal.aborted
  }

  /** Runs the work of one connection, whose signal ends it. */
  async during(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#open++
    try {
      await work(this.#ending.signal)
    } finally {
      this.#open--
      if (this.#open === 0) this.#settled.dispatchEvent(new Event('settled'))
    }
  }

  /** Serves one connection. Reports its failure as one of `who`, unless the socket has reported it or the command ends. */
  async serve(socket: Socket, who: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await this.during(work)
    } catch (error) {
      if (!this.hasEnded && error !== socket.errored) say(`${who}: ${explain(error)}`, 'error')
    }
  }

  /** Waits until all connections are over, at most `drainMs`, and then ends the rest. */
  async end(drainMs: number): Promise<void> {
    if (this.#open > 0 && drainMs > 0 && !this.hasEnded)
      await once(this.#settled, 'settled', { signal: AbortSignal.timeout(drainMs) }).catch(() => {})
    this.#ending.abort()
  }
}
