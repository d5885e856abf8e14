/**
 * A proxy for programs that know only hosts: SOCKS5 and HTTP on one TCP port. Names under `.serval` are services.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import { SPLICED } from '../sockets/splice.ts'
import { newCounters, type ProxyCounters } from './counters.ts'
import { ProxyError } from './errors.ts'
import { serveHttp } from './httpSide.ts'
import { Outlet, type OutletOptions, PROBE_AFTER_MS } from './outlet.ts'
import { Places } from './places.ts'
import { serveRedirected } from './redirectedSide.ts'
import { SOCKS4, SOCKS5, socks4Refusal } from './socks.ts'
import { serveSocks } from './socksSide.ts'
import { dismiss, take } from './take.ts'

interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface ProxyOptions extends OutletOptions {
  /** The most clients at once. */
  readonly connections?: number | undefined
  /** How long a client may take to send its request, ms. */
  readonly requestMs?: number | undefined
}

/** Each client takes a file descriptor, a flow or a second descriptor, and buffers of up to 256 KiB. */
export const CONNECTIONS_LIMIT = 2048
/** A client that sends its request needs one or two round trips. */
export const REQUEST_MS = 10_000
/** The fields of a request, bytes: Node's own limit. */
export const HEADER_LIMIT = 16 * 1024
/** How long a connection may wait for the next HTTP request, ms. */
export const IDLE_MS = 30_000

export class ProxyServer {
  readonly counters: ProxyCounters = newCounters()
  readonly #server: Server
  /** Accepts connections that the system redirects. */
  readonly #redirected: TcpServer
  readonly #outlet: Outlet
  readonly #stop = new AbortController()
  readonly #clients = new Set<Socket>()
  readonly #places: Places
  readonly #requestMs: number

  constructor(options: ProxyOptions) {
    const { connections = CONNECTIONS_LIMIT, requestMs = REQUEST_MS } = options
    this.#requestMs = requestMs
    this.#places = new Places(connections)
    this.#outlet = new Outlet(options, this.counters, this.#stop.signal)
    this.#server = createServer({
      ...{ maxHeaderSize: HEADER_LIMIT, headersTimeout: requestMs, requestTimeout: 0 },
      ...{ keepAliveTimeout: IDLE_MS, connectionsCheckingInterval: Math.min(requestMs, 1000) },
      ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS },
    })
    this.#redirected = createTcpServer(
      { ...SPLICED, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS },
      client => {
        if (this.#admit(client)) void serveRedirected(this.#outlet, client)
      },
    )
    for (const server of [this.#server, this.#redirected]) {
      server.maxConnections = connections
      server.on('drop', () => this.counters.full++)
    }
    // A client may end its side after its request.
    Object.assign(this.#server, { httpAllowHalfOpen: true })
    serveHttp(this.#server, this.#outlet)
    // The HTTP server listens itself, because it limits the time of clients only on its own connections.
    const adopt = this.#server.listeners('connection') as ((client: Socket) => void)[]
    this.#server.removeAllListeners('connection')
    this.#server.on('connection', client => {
      if (!this.#admit(client)) return
      void this.#serve(client, () => {
        for (const one of adopt) one.call(this.#server, client)
      })
    })
  }

  /** Resolves to the address when the proxy accepts connections. Rejects with the system's error. */
  listen(endpoint: Endpoint): Promise<AddressInfo> {
    return this.#open(this.#server, endpoint)
  }

  /**
   * The same for connections that the system redirects to it. Each keeps the address that its client chose, which stands
   * for a service; the proxy resets all others.
   */
  listenRedirected(endpoint: Endpoint): Promise<AddressInfo> {
    return this.#open(this.#redirected, endpoint)
  }

  async #open(server: TcpServer, endpoint: Endpoint): Promise<AddressInfo> {
    server.listen(endpoint)
    await once(server, 'listening')
    server.on('error', error => this.#outlet.fail(undefined, error))
    return server.address() as AddressInfo
  }

  /** Accepts no more clients, and resets those that it has. */
  close(): void {
    this.#server.close()
    this.#redirected.close()
    this.#stop.abort()
    for (const client of this.#clients) client.resetAndDestroy()
  }

  /** Returns false if it refuses the client, because others from its address have taken their share. */
  #admit(client: Socket): boolean {
    const { counters } = this
    const free = this.#places.take(client.remoteAddress ?? '')
    if (free === undefined) {
      counters.full++
      client.destroy()
      return false
    }
    counters.accepted++
    counters.mostOpen = Math.max(counters.mostOpen, ++counters.open)
    this.#clients.add(client)
    client.on('error', () => {})
    client.once('close', () => {
      counters.open--
      this.#clients.delete(client)
      free()
    })
    return true
  }

  /** The first byte decides what the client speaks. */
  async #serve(client: Socket, serveAsHttp: () => void): Promise<void> {
    const timer = setTimeout(() => client.destroy(new ProxyError('PROXY_SLOW')), this.#requestMs)
    const asked = (): void => clearTimeout(timer)
    client.once('close', asked)
    try {
      const first = await take(client, peek)
      if (first === SOCKS5) await serveSocks(this.#outlet, client, asked)
      else if (isLetter(first)) {
        asked()
        serveAsHttp()
      } else {
        this.#outlet.fail(undefined, new ProxyError('PROXY_GARBAGE'))
        if (first === SOCKS4) dismiss(client, socks4Refusal())
        else client.destroy()
      }
    } catch (error) {
      // The client has closed without a word, as monitors and port scanners do.
      this.#outlet.fail(undefined, error)
      client.destroy()
    }
  }
}

const peek = (bytes: Buffer) => ({ value: bytes[0] as number, length: 0 })

const isLetter = (byte: number): boolean => /[A-Za-z]/.test(String.fromCharCode(byte))
