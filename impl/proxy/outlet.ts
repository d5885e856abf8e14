/** Opens the connections of a proxy to services and hosts, and carries bytes between them and clients. */
import { connect as connectTcp, type Socket as TcpSocket } from 'node:net'
import { socketError } from '../sockets/errors.ts'
import { connect, type Stack } from '../sockets/index.ts'
import { SPLICED, type Spliced, splice } from '../sockets/splice.ts'
import { countFailure, type ProxyCounters } from './counters.ts'
import { codeOf, ProxyError } from './errors.ts'
import { type Naming, printTarget, type Target } from './target.ts'

export interface OutletOptions extends Naming {
  readonly stack: Stack
  /** Returns the address of a service. Undefined, or without it, the rules of the stack decide. */
  readonly find?: ((service: string) => Promise<string | readonly string[] | undefined>) | undefined
  readonly from?: string | undefined
  readonly deadAfterMs?: number | undefined
  /** Receives each failed request: its target, and the error. */
  readonly onFailure?: ((where: string, error: unknown) => void) | undefined
}

/** How long a host that is no service may take to accept a connection, ms. The system would wait two minutes. */
export const DIRECT_CONNECT_MS = 30_000

/** Silence after which the system probes a TCP peer, ms: vanished clients and hosts must not hold connections for ever. */
export const PROBE_AFTER_MS = 60_000

export class Outlet {
  readonly #options: OutletOptions
  readonly #signal: AbortSignal
  readonly counters: ProxyCounters

  constructor(options: OutletOptions, counters: ProxyCounters, signal: AbortSignal) {
    this.#options = options
    this.counters = counters
    this.#signal = signal
  }

  get naming(): Naming {
    return this.#options
  }

  /**
   * Resolves with a connection to the target. Rejects with errors of sockets, of the system, a ServiceError, and with
   * PROXY_GONE if the client closes first.
   */
  async open(target: Target, client: TcpSocket): Promise<Spliced> {
    const out = target.kind === 'service' ? await this.#toService(target.service) : toHost(target)
    const { counters } = this
    // Later errors end the relay, or the HTTP request.
    out.on('error', () => {})
    out.once('close', () => {
      counters.bytesSent += out.bytesWritten
      counters.bytesReceived += out.bytesRead
    })
    await connected(out, client)
    if (target.kind === 'service') counters.toServices++
    else counters.toHosts++
    return out
  }

  async #toService(service: string): Promise<Spliced> {
    const { stack, find, from, deadAfterMs } = this.#options
    const via = await find?.(service)
    return connect({
      ...{ service, stack, ...SPLICED },
      ...(via !== undefined && { via }),
      ...(from !== undefined && { from }),
      ...(deadAfterMs !== undefined && { deadAfterMs }),
    })
  }

  /** Carries bytes between a client and an open connection until both directions have ended. A break of one resets the other. */
  async carry(out: Spliced, client: TcpSocket): Promise<void> {
    try {
      await splice(out, { source: client, sink: client }, this.#signal)
    } catch {
      this.counters.broken++
      client.resetAndDestroy()
    }
  }

  /** Counts and reports a request that failed. Clients that come and go, as browsers do, are only counted. */
  fail(target: Target | undefined, error: unknown): void {
    countFailure(this.counters, error)
    if (codeOf(error) === 'PROXY_GONE' || codeOf(error) === 'PROXY_SLOW') return
    this.#options.onFailure?.(target === undefined ? 'a client' : printTarget(target), error)
  }
}

function toHost({ host, port }: Target): TcpSocket {
  const out = connectTcp({ host, port, ...SPLICED, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS })
  const stop = (): void => {
    out.destroy(socketError('ETIMEDOUT', 'connect', { address: host, port }))
  }
  out.setTimeout(DIRECT_CONNECT_MS, stop)
  out.once('connect', () => out.setTimeout(0, stop))
  return out
}

/** Resolves when the connection is open. Destroys it if the client closes first. */
function connected(out: Spliced, client: TcpSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      out.off('connect', open)
      out.off('error', fail)
      client.off('close', leave)
      act()
    }
    const open = (): void => settle(resolve)
    const fail = (error: Error): void => settle(() => reject(error))
    const leave = (): void => {
      settle(() => reject(new ProxyError('PROXY_GONE')))
      out.destroy()
    }
    out.on('connect', open)
    out.on('error', fail)
    client.on('close', leave)
    if (client.destroyed) leave()
  })
}
