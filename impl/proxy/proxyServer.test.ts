/** A proxy between TCP clients that do as they like, and services. */
import { hash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import type { Socket } from '../sockets/index.ts'
import { proxyTo, readAll, socksConnect } from './testing/clients.ts'

const over =
  (server: http.Server) =>
  (socket: Socket): void =>
    void server.emit('connection', socket)

/** Answers with what it got; counts its connections. */
function webService() {
  const seen = { connections: 0, raw: [] as string[][] }
  const server = http.createServer((request, response) => {
    seen.raw.push(request.rawHeaders)
    if (request.url === '/cut') response.writeHead(200, { 'content-length': '1000' }).write('a part')
    if (request.url === '/cut') setImmediate(() => request.socket.destroy())
    else if (request.url === '/silent') request.resume()
    else {
      const parts: Buffer[] = []
      request.on('data', part => parts.push(part))
      request.on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(parts)}`))
    }
  })
  const serve = (socket: Socket): void => {
    seen.connections++
    over(server)(socket)
  }
  return { serve, seen, server }
}

const echo = (socket: Socket): void => void socket.pipe(socket)

/** Sends `request` and the end. Returns all bytes of the answer. */
async function exchange(here: Awaited<ReturnType<typeof proxyTo>>, request: Uint8Array | string) {
  const client = await here.client(request)
  client.end()
  const { bytes, isCut } = await readAll(client)
  return { text: bytes.toString('latin1'), bytes, isCut }
}

describe('SOCKS5', () => {
  test('a name is a service; each direction ends on its own', async () => {
    await using here = await proxyTo({ 'acme/echo': echo })
    const { bytes, isCut } = await exchange(
      here,
      Buffer.concat([socksConnect('echo.acme.serval'), Buffer.from('hi')]),
    )
    expect([...bytes]).toEqual([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...Buffer.from('hi')])
    expect(isCut).toBe(false)
    expect(here.proxy.counters).toMatchObject({
      socks: 1,
      toServices: 1,
      broken: 0,
      bytesSent: 2,
      bytesReceived: 2,
    })
  })

  test('a request that arrives byte by byte', async () => {
    await using here = await proxyTo({ 'acme/echo': echo })
    const client = await here.client()
    client.setNoDelay()
    const heard = readAll(client)
    for (const byte of [...socksConnect('echo.acme.serval'), 33]) {
      client.write(Uint8Array.of(byte))
      await new Promise(setImmediate)
    }
    client.end()
    expect((await heard).bytes.subarray(12).toString()).toBe('!')
  })

  test.for([
    ['nobody listens', socksConnect('none.acme.serval'), 5],
    ['no rule leads there', socksConnect('web.other.serval'), 4],
    ['the host is no service', socksConnect('example.com'), 2],
    ['the name is none of a service', socksConnect('a b.serval'), 1],
    ['the service has too many parts', socksConnect('a.b.c.d.e.f.g.h.i.serval'), 1],
    ['BIND', socksConnect('echo.acme.serval', 80, 2), 7],
    ['UDP ASSOCIATE', socksConnect('echo.acme.serval', 80, 3), 7],
    ['an unknown type of address', Buffer.from([5, 1, 0, 5, 1, 0, 9]), 8],
    ['IPv4', Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 80]), 2],
    ['IPv6', Buffer.from([5, 1, 0, 5, 1, 0, 4, ...Array(15).fill(0), 1, 0, 80]), 2],
  ] as const)('%s: the reply says so, and the connection ends', async ([, request, reply]) => {
    await using here = await proxyTo({ 'acme/echo': echo })
    const { bytes, isCut } = await exchange(here, request)
    expect([...bytes]).toEqual([5, 0, 5, reply, 0, 1, 0, 0, 0, 0, 0, 0])
    expect(isCut).toBe(false)
    expect(Object.values(here.proxy.counters.failed)).toEqual([1])
  })

  test('a client that wants to log in, and one of SOCKS4', async () => {
    await using here = await proxyTo({})
    expect([...(await exchange(here, Uint8Array.of(5, 1, 2))).bytes]).toEqual([5, 0xff])
    expect((await exchange(here, Uint8Array.of(4, 1, 0, 80, 127, 0, 0, 1, 0))).bytes[1]).toBe(0x5b)
    expect(here.proxy.counters.failed).toEqual({ PROXY_LOGIN: 1, PROXY_GARBAGE: 1 })
  })

  test('a proxy with direct forwards other hosts, by name and by both families', async () => {
    const server = net.createServer(socket => socket.end('plain')).listen(0, '::')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await using here = await proxyTo({}, { direct: true })
    const ipv4 = Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255])
    const ipv6 = Buffer.from([5, 1, 0, 5, 1, 0, 4, ...Array(15).fill(0), 1, port >> 8, port & 255])
    for (const request of [socksConnect('localhost', port), ipv4, ipv6])
      expect((await exchange(here, request)).text.slice(12)).toBe('plain')
    expect(here.proxy.counters.toHosts).toBe(3)
    server.close()
    await once(server, 'close')
    expect((await exchange(here, ipv4)).bytes[3]).toBe(5)
  })
})

describe('HTTP', () => {
  test('CONNECT is a tunnel, with bytes that came along', async () => {
    await using here = await proxyTo({ 'acme/echo': echo })
    const { text } = await exchange(here, 'CONNECT echo.acme.serval:443 HTTP/1.1\r\nHost: x\r\n\r\nearly')
    expect(text).toBe('HTTP/1.1 200 Connection established\r\n\r\nearly')
    expect(here.proxy.counters).toMatchObject({ connects: 1, toServices: 1, broken: 0 })
  })

  test.for([
    ['CONNECT none.acme.serval:443', 502, 'ECONNREFUSED', 'connection_refused'],
    ['CONNECT web.other.serval:443', 502, 'ENOTFOUND', 'destination_not_found'],
    ['CONNECT example.com:443', 403, 'PROXY_REFUSED', 'http_request_denied'],
    ['CONNECT echo.acme.serval', 400, 'PROXY_TARGET', 'http_request_error'],
    ['GET http://none.acme.serval/', 502, 'ECONNREFUSED', 'connection_refused'],
    ['GET http://user@web.acme.serval/', 400, 'PROXY_TARGET', 'http_request_error'],
    ['GET https://web.acme.serval/', 400, 'PROXY_TARGET', 'http_request_error'],
    ['GET http://a.b.c.d.e.f.g.h.i.serval/', 400, 'SERVICE_NAME', 'http_request_error'],
  ] as const)('%s: status %d, %s', async ([request, status, code, type]) => {
    await using here = await proxyTo({ 'acme/echo': echo })
    const { text } = await exchange(here, `${request} HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(text.toLowerCase()).toContain(
      `proxy-status: serval; error=${type}; details="${code.toLowerCase()}"`,
    )
    expect(text).toMatch(new RegExp(`^${code}: .*;`, 'm'))
    expect(here.proxy.counters.failed).toEqual({ [code]: 1 })
  })

  test('a silent service: 504', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    await once(silent, 'listening')
    const at = `127.0.0.1:${silent.address().port}`
    await using here = await proxyTo({}, { find: async () => at, deadAfterMs: 50 })
    const { text } = await exchange(here, 'GET http://web.acme.serval/ HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 504 /)
    silent.close()
  })

  test('requests of one client share a connection; its fields for one hop stay behind', async () => {
    const { serve, seen } = webService()
    await using here = await proxyTo({ 'acme/web': serve })
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (method: string, path: string, headers = {}, body = ''): Promise<string> => {
      const request = http.request({
        port: here.port,
        agent,
        method,
        headers,
        path: `http://web.acme.serval${path}`,
      })
      request.end(body)
      const [response] = await once(request, 'response')
      let text = ''
      for await (const piece of response) text += piece
      return text
    }
    const gone = {
      'proxy-connection': 'keep-alive',
      'x-hop': '1',
      connection: 'x-hop, content-length',
      te: 'trailers',
    }
    expect(await ask('POST', '/a?b', { ...gone, 'x-kept': '2', 'content-length': '4' }, 'body')).toBe(
      'POST /a?b body',
    )
    expect(await ask('DELETE', '/c', { 'transfer-encoding': 'chunked' }, 'more')).toBe('DELETE /c more')
    expect(await ask('GET', '')).toBe('GET / ')
    expect(await ask('GET', '?q')).toBe('GET /?q ')
    expect(seen.connections).toBe(1)
    expect(seen.raw[0]).toEqual([
      'Host',
      'web.acme.serval',
      'x-kept',
      '2',
      'content-length',
      '4',
      'Connection',
      'keep-alive',
    ])
    agent.destroy()
  })

  test('a kept connection that the service has closed is replaced', async () => {
    const { serve, seen, server } = webService()
    await using here = await proxyTo({ 'acme/web': serve })
    const client = await here.client()
    const request = 'GET http://web.acme.serval/ HTTP/1.1\r\nHost: a\r\n\r\n'
    client.write(request)
    await once(client, 'data')
    // The service ends the connection only when it gets the next request.
    server.once('request', ({ socket }) => socket.destroy())
    client.write(request)
    const [second] = await once(client, 'data')
    expect(`${second}`).toMatch(/^HTTP\/1.1 200 /)
    expect(seen.connections).toBe(2)
    client.destroy()
  })

  test('an answer that breaks off is not taken for whole', async () => {
    const { serve } = webService()
    await using here = await proxyTo({ 'acme/web': serve })
    const { text, isCut } = await exchange(here, 'GET http://web.acme.serval/cut HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 200 [\s\S]*a part$/)
    expect(isCut).toBe(true)
    expect(here.proxy.counters.failed).toEqual({ ECONNRESET: 1 })
  })

  test('a client that leaves takes its request with it', async () => {
    const { serve, server } = webService()
    await using here = await proxyTo({ 'acme/web': serve })
    const client = await here.client('GET http://web.acme.serval/silent HTTP/1.1\r\nHost: a\r\n\r\n')
    const [{ socket }] = await once(server, 'request')
    client.resetAndDestroy()
    await once(socket, 'close')
    await vi.waitFor(() => expect(here.proxy.counters.open).toBe(0))
    expect(here.proxy.counters.failed).toEqual({ PROXY_GONE: 1 })
  })

  test('the PAC file names the proxy as the client reached it', async () => {
    await using here = await proxyTo({}, { suffix: '.internal' })
    const answer = await fetch(`http://127.0.0.1:${here.port}/proxy.pac`)
    expect(answer.headers.get('content-type')).toBe('application/x-ns-proxy-autoconfig')
    const dnsDomainIs = (host: string, domain: string): boolean => host.endsWith(domain)
    const find = new Function('dnsDomainIs', `${await answer.text()}; return FindProxyForURL`)(dnsDomainIs)
    expect(find('http://web.acme.internal/', 'web.acme.internal')).toBe(`PROXY 127.0.0.1:${here.port}`)
    expect(find('http://example.com/', 'example.com')).toBe('DIRECT')
    expect((await fetch(`http://127.0.0.1:${here.port}/`)).status).toBe(404)
  })
})

test.for([
  ['SOCKS5', socksConnect('web.acme.serval')],
  ['CONNECT', 'CONNECT web.acme.serval:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['GET', 'GET http://web.acme.serval/ HTTP/1.1\r\nHost: a\r\n\r\n'],
] as const)('%s: a client that leaves while a silent service is called ends the call', async ([
  ,
  request,
]) => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  await once(silent, 'listening')
  const at = `127.0.0.1:${silent.address().port}`
  await using here = await proxyTo({}, { find: async () => at })
  const client = await here.client(request)
  await vi.waitFor(() => expect(here.near.users.size).toBe(1))
  client.resetAndDestroy()
  await vi.waitFor(() => expect(here.near.users.size).toBe(0))
  expect(here.proxy.counters.failed).toEqual({ PROXY_GONE: 1 })
  silent.close()
})

describe('limits', () => {
  test('a client that reads nothing stops the service, and loses no byte', SLOW, async () => {
    const piece = randomBytes(65_536)
    const pieces = 200
    let written = 0
    await using here = await proxyTo({
      async 'acme/big'(socket) {
        for (; written < pieces; written++) if (!socket.write(piece)) await once(socket, 'drain')
        socket.end()
      },
    })
    const client = await here.client(socksConnect('big.acme.serval'))
    let before: number
    do {
      before = written
      await new Promise(resolve => setTimeout(resolve, 200))
    } while (written === 0 || written > before)
    // The kernel and the streams hold some.
    expect(written).toBeLessThan(150)
    const { bytes } = await readAll(client)
    expect(hash('sha256', bytes.subarray(12))).toBe(hash('sha256', Buffer.concat(Array(pieces).fill(piece))))
    client.end()
  })

  test.for([
    ['says nothing', ''],
    ['stops in its greeting', '\x05\x02'],
    ['stops in its SOCKS request', '\x05\x01\x00\x05\x01\x00\x03\xff'],
    ['stops in its fields', 'GET http://web.acme.serval/ HTTP/1.1\r\nHost: '],
  ])('a client that %s loses its connection in time', async ([, bytes]) => {
    await using here = await proxyTo({}, { requestMs: 50 })
    const client = await here.client(Buffer.from(bytes as string, 'latin1'))
    await readAll(client)
    client.destroy()
    await vi.waitFor(() => expect(here.proxy.counters.open).toBe(0))
    const { failed } = here.proxy.counters
    expect([{ PROXY_SLOW: 1 }, { ERR_HTTP_REQUEST_TIMEOUT: 1 }]).toContainEqual(failed)
  })

  test('fields that are too long, and a line that is no request', async () => {
    await using here = await proxyTo({})
    const long = await exchange(
      here,
      `GET http://web.acme.serval/ HTTP/1.1\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`,
    )
    expect(long.text).toMatch(/^HTTP\/1.1 431 /)
    expect((await exchange(here, 'HELLO WORLD\r\n\r\n')).text).toMatch(/^HTTP\/1.1 400 /)
    const both =
      'POST http://web.acme.serval/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect((await exchange(here, both)).text).toMatch(/^HTTP\/1.1 400 /)
    expect((await exchange(here, Buffer.from([0x16, 3, 1, 0]))).bytes).toHaveLength(0)
  })

  test('more requests at once than one connection may have', async () => {
    const { serve } = webService()
    await using here = await proxyTo({ 'acme/web': serve })
    const request = 'GET http://web.acme.serval/silent HTTP/1.1\r\nHost: a\r\n\r\n'
    const client = await here.client(request.repeat(100_000))
    await readAll(client)
    expect(here.proxy.counters.requests).toBeLessThan(40)
    expect(here.proxy.counters.failed).toEqual({ PROXY_FLOOD: 1 })
  })

  test('clients beyond the limit are refused and counted, and the next one is served', async () => {
    await using here = await proxyTo({ 'acme/echo': echo }, { connections: 2 })
    const [one, two] = [await here.client(), await here.client()]
    const third = await here.client()
    expect((await readAll(third)).bytes).toHaveLength(0)
    expect(here.proxy.counters).toMatchObject({ open: 2, full: 1 })
    for (const client of [one, two, third]) client.destroy()
    await vi.waitFor(() => expect(here.proxy.counters.open).toBe(0))
    expect((await exchange(here, socksConnect('echo.acme.serval'))).bytes[3]).toBe(0)
  })

  const [other] = Object.values(networkInterfaces()).flatMap(
    all => all?.filter(one => one.family === 'IPv4' && !one.internal) ?? [],
  )

  test.runIf(other !== undefined)('one address of another machine cannot take all places', async () => {
    await using here = await proxyTo({ 'acme/echo': echo }, { connections: 8 }, must(other).address)
    const clients = [await here.client(), await here.client()]
    expect((await readAll(await here.client())).bytes).toHaveLength(0)
    expect(here.proxy.counters).toMatchObject({ open: 2, full: 1 })
    for (const client of clients) client.destroy()
    await vi.waitFor(() => expect(here.proxy.counters.open).toBe(0))
    expect((await exchange(here, socksConnect('echo.acme.serval'))).bytes[3]).toBe(0)
  })

  test('a proxy that forwards to itself answers, and does not loop', async () => {
    await using here = await proxyTo({ 'acme/echo': echo }, { direct: true })
    const self = `127.0.0.1:${here.port}`
    const { text } = await exchange(here, `GET http://${self}/x HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1.1 404 /)
    const inner = `CONNECT echo.acme.serval:1 HTTP/1.1\r\nHost: x\r\n\r\n`
    const nested = await exchange(here, `CONNECT ${self} HTTP/1.1\r\nHost: x\r\n\r\n${inner}deep`)
    expect(nested.text).toMatch(/deep$/)
  })

  test('close resets every client, and leaves nothing open', async () => {
    const here = await proxyTo({ 'acme/echo': echo })
    const tunnel = await here.client(socksConnect('echo.acme.serval'))
    await once(tunnel, 'data')
    const idle = await here.client()
    const ended = Promise.all([readAll(tunnel), readAll(idle)])
    here.proxy.close()
    expect((await ended).map(({ isCut }) => isCut)).toEqual([true, true])
    await vi.waitFor(() => expect(here.near.users.size).toBe(0))
    await here[Symbol.asyncDispose]()
  })
})
