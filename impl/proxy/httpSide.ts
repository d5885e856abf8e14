/** Serves clients of HTTP: CONNECT, requests with absolute URLs, and the pages of the proxy itself. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { HOST_SUFFIX } from '../sockets/hostNames.ts'
import type { Spliced } from '../sockets/splice.ts'
import { countFailure } from './counters.ts'
import { answerOf, codeOf, ProxyError, sentenceOf } from './errors.ts'
import { Forwarder } from './forwarder.ts'
import type { Outlet } from './outlet.ts'
import { pacFile } from './pac.ts'
import { dismiss } from './take.ts'
import { printTarget, type Target, targetOfAuthority } from './target.ts'

/** The most requests that a client may send before it has the first answer. */
export const PIPELINED_LIMIT = 32

/** Where the PAC file is. */
export const PAC_PATH = '/proxy.pac'

/** Serves what `server`, which parses HTTP, reads from clients. */
export function serveHttp(server: Server, outlet: Outlet): void {
  const lines = new WeakMap<Duplex, Line>()
  server.on('connect', (request, duplex, head) => {
    const client = duplex as Socket
    if (head.length > 0) client.unshift(head)
    void tunnel(outlet, request, client)
  })
  server.on('request', (request, response) => {
    const { socket } = request
    let line = lines.get(socket)
    if (line === undefined) {
      line = new Line(outlet, socket)
      lines.set(socket, line)
    }
    line.add(request, response)
  })
  server.on('clientError', (error, duplex) => {
    const client = duplex as Socket
    // Its end after a refusal, or a break, which the request that it breaks counts.
    if (client.writableEnded || !/^(HPE|ERR_HTTP)_/.test(codeOf(error))) return
    countFailure(outlet.counters, error)
    // After the beginning of an answer, another one would be taken for a part of it.
    if (client.bytesWritten > 0) client.destroy()
    else dismiss(client, page(statusOf(error), sentenceOf(error)))
  })
}

const statusOf = (error: Error): number =>
  ({ HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 })[codeOf(error)] ?? 400

/** The requests of one connection. They are served one after the other, as their answers must be. */
class Line {
  readonly #outlet: Outlet
  readonly #client: Socket
  readonly #forwarder: Forwarder
  #last: Promise<void> = Promise.resolve()
  #length = 0

  constructor(outlet: Outlet, client: Socket) {
    this.#outlet = outlet
    this.#client = client
    this.#forwarder = new Forwarder(outlet, client)
  }

  add(request: IncomingMessage, response: ServerResponse): void {
    if (this.#client.destroyed) return
    if (++this.#length > PIPELINED_LIMIT) {
      this.#outlet.fail(undefined, new ProxyError('PROXY_FLOOD'))
      this.#client.destroy()
      return
    }
    this.#last = this.#last.then(async () => {
      if (!this.#client.destroyed) await serve(this.#outlet, this.#forwarder, request, response)
      this.#length--
    })
  }
}

/** Serves a request. Resolves when its answer has ended, and never rejects. */
async function serve(
  outlet: Outlet,
  forwarder: Forwarder,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = '' } = request
  if (url.startsWith('/') || url === '*') {
    outlet.counters.pages++
    ownPage(outlet, request, response)
    return
  }
  outlet.counters.requests++
  let target: Target | undefined
  try {
    const [, authority, path] = /^http:\/\/([^/?#]*)([^#]*)/i.exec(url) ?? []
    if (authority === undefined || path === undefined) throw new ProxyError('PROXY_TARGET', url.slice(0, 300))
    target = targetOfAuthority(authority, 80, outlet.naming)
    await forwarder.forward(target, authority, path.startsWith('/') ? path : `/${path}`, request, response)
  } catch (error) {
    if (request.socket.destroyed) outlet.fail(target, new ProxyError('PROXY_GONE'))
    else outlet.fail(target, error)
    // The end of the connection can mean the end of an answer.
    if (response.headersSent) request.socket.resetAndDestroy()
    else refuse(response, target, error)
  }
}

function refuse(response: ServerResponse, target: Target | undefined, error: unknown): void {
  const { status } = answerOf(error)
  response.writeHead(status, { ...headersOf(error), connection: 'close' })
  response.end(bodyOf(target, error))
}

const headersOf = (error: unknown): Record<string, string> => ({
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'proxy-status': `serval; error=${answerOf(error).type}; details="${codeOf(error)}"`,
})

const bodyOf = (target: Target | undefined, error: unknown): string =>
  `${target === undefined ? '' : `serval proxy cannot reach ${printTarget(target)}.\n`}${sentenceOf(error)}\n`

/** CONNECT: the connection becomes a tunnel. */
async function tunnel(outlet: Outlet, request: IncomingMessage, client: Socket): Promise<void> {
  outlet.counters.connects++
  client.on('error', () => {})
  let target: Target | undefined
  let out: Spliced
  try {
    target = targetOfAuthority(request.url ?? '', undefined, outlet.naming)
    out = await outlet.open(target, client)
  } catch (error) {
    outlet.fail(target, error)
    dismiss(client, page(answerOf(error).status, bodyOf(target, error), headersOf(error)))
    return
  }
  client.write('HTTP/1.1 200 Connection established\r\n\r\n')
  await outlet.carry(out, client)
}

/** Returns a whole answer, for a connection that ends with it. */
function page(status: number, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const text = body.endsWith('\n') ? body : `${body}\n`
  const all = { ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`
}

/** Requests to the proxy itself: the PAC file. */
function ownPage(outlet: Outlet, request: IncomingMessage, response: ServerResponse): void {
  const { suffix = HOST_SUFFIX } = outlet.naming
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && request.url?.split('?')[0] === PAC_PATH) {
    response.writeHead(200, { 'content-type': 'application/x-ns-proxy-autoconfig' })
    response.end(pacFile(request.socket, suffix))
  } else {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(
      `This is serval proxy, which reaches services under ${suffix}. Its PAC file is ${PAC_PATH}.\n`,
    )
  }
}
