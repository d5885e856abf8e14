/** Forwards the plain HTTP requests of one client connection. */
import {
  Agent,
  request as ask,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Outlet } from './outlet.ts'
import type { Target } from './target.ts'

/** Fields for the next hop only (RFC 9110, section 7.6.1). `Connection` can name more. */
const FOR_ONE_HOP: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'],
  ...['proxy-authorization', 'proxy-authenticate', 'host', 'expect'],
])

/** Requests that may be repeated when a kept connection turns out to be closed (RFC 9110, section 9.2.2). */
const REPEATABLE: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A closed connection is noticed at the next request, ms. Many servers close after 5 s. */
const KEPT_MS = 4000

export class Forwarder {
  readonly #outlet: Outlet
  readonly #client: Socket
  /** Keeps one connection for the next request. Other clients never get it: some logins belong to a connection. */
  #agent: Agent | undefined
  #authority = ''

  constructor(outlet: Outlet, client: Socket) {
    this.#outlet = outlet
    this.#client = client
    client.once('close', () => this.#agent?.destroy())
  }

  /** Resolves when the answer has ended. Rejects with why there is none, or only a part. */
  async forward(
    target: Target,
    authority: string,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const agent = this.#agentFor(target, authority)
    const { method } = request
    const headers = ['Host', authority, ...forNextHop(request)]
    const hasBody = 'content-length' in request.headers || 'transfer-encoding' in request.headers
    for (;;) {
      const out = ask({
        agent,
        host: target.host,
        port: target.port,
        path,
        headers,
        ...(method !== undefined && { method }),
      })
      try {
        await exchange(out, hasBody ? request : undefined, response)
        return
      } catch (error) {
        const isRepeatable = out.reusedSocket && !hasBody && !response.headersSent && REPEATABLE.has(method)
        if (!isRepeatable || this.#client.destroyed) throw error
      }
    }
  }

  #agentFor(target: Target, authority: string): Agent {
    if (this.#agent === undefined || this.#authority !== authority) {
      this.#agent?.destroy()
      this.#authority = authority
      this.#agent = new TargetAgent(target, this.#outlet, this.#client)
    }
    return this.#agent
  }
}

/** Opens connections to one target. */
class TargetAgent extends Agent {
  readonly #open: () => Promise<Duplex>

  constructor(target: Target, outlet: Outlet, client: Socket) {
    super({ keepAlive: true, maxSockets: 1, timeout: KEPT_MS })
    this.#open = () => outlet.open(target, client)
  }

  override createConnection(
    _options: unknown,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#open().then(
      socket => done?.(null, socket),
      error => done?.(error, undefined as never),
    )
  }
}

/** Returns the fields of a message that the next hop gets, names and values in turn. */
function forNextHop({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/[\s,]+/))
  // A message without its length would run into the next one.
  for (const framing of ['content-length', 'transfer-encoding']) named.delete(framing)
  const kept: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const key = name.toLowerCase()
    if (!FOR_ONE_HOP.has(key) && !named.has(key)) kept.push(name, rawHeaders[i + 1] as string)
  }
  return kept
}

/** Sends a request, and passes the answer on. */
async function exchange(
  out: ClientRequest,
  body: IncomingMessage | undefined,
  response: ServerResponse,
): Promise<void> {
  const leave = (): void => void out.destroy()
  response.once('close', leave)
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      out.once('response', resolve)
      out.once('error', reject)
      out.once('close', () => reject(new Error('closed without an answer')))
    })
    // The answer may arrive before the server has read the body, and then counts alone.
    out.on('error', () => {})
    if (body === undefined) out.end()
    else body.pipe(out)
    const answer = await answered
    response.sendDate = false
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', answerFields(answer))
    answer.pipe(response)
    await Promise.all([finished(answer), finished(response)])
  } finally {
    response.off('close', leave)
    if (body !== undefined && !body.readableEnded) {
      body.unpipe(out)
      // The client sends a body that nobody reads any more. Its connection can serve no other request.
      response.once('finish', () => body.destroy())
    }
  }
}

/** The client's own connection frames the answer again. */
function answerFields(answer: IncomingMessage): string[] {
  const fields = forNextHop(answer)
  return fields.filter((_, i) => fields[i - (i % 2)]?.toLowerCase() !== 'transfer-encoding')
}
