/** Clients that take an agent, a connector or a stream: by name, and to other hosts as usual. */

import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../link/testing/freePort.ts'
import { httpAgent, Server, Stack, undiciConnector } from './index.ts'
import { selfSigned } from './testing/certificate.ts'

const answer = http.createServer((query, response) => response.end(`${query.headers.host} ${query.url}`))
const secure = tls.createServer(selfSigned(), socket => answer.emit('connection', socket))

let stack: Stack
let plain: string
let connections = 0
beforeAll(async () => {
  stack = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
  new Server({ stack }, socket => {
    connections++
    answer.emit('connection', socket)
  }).listen('acme/web')
  new Server({ stack }, socket => secure.emit('connection', socket)).listen('acme/safe')
  answer.listen(0, '127.0.0.1')
  await once(answer, 'listening')
  plain = `127.0.0.1:${(answer.address() as AddressInfo).port}`
})
afterAll(async () => {
  answer.close()
  answer.closeAllConnections()
  await stack.close({ limitMs: 0 })
})

const read = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}

test('an agent of http keeps its connection to a service, and reaches other hosts', async () => {
  const agent = httpAgent({ stack })
  const get = async (url: string): Promise<string> => {
    const [response] = await once(http.get(url, { agent }), 'response')
    return read(response)
  }
  for (const path of ['/a', '/b'])
    expect(await get(`http://web.acme.serval${path}`)).toBe(`web.acme.serval ${path}`)
  expect(connections).toBe(1)
  expect(await get(`http://${plain}/c`)).toBe(`${plain} /c`)
  await expect(get('http://none.acme.serval/')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  agent.destroy()
})

test('a dispatcher of undici, with TLS and without', async () => {
  const dispatcher = new Agent({ connect: undiciConnector({ stack }, { rejectUnauthorized: false }) })
  const get = async (url: string): Promise<string> => (await request(url, { dispatcher })).body.text()
  expect(await get('http://web.acme.serval/a')).toBe('web.acme.serval /a')
  expect(await get('https://safe.acme.serval/b')).toBe('safe.acme.serval /b')
  expect(await get(`http://${plain}/c`)).toBe(`${plain} /c`)
  for (const scheme of ['http', 'https'])
    await expect(get(`${scheme}://none.acme.serval/`)).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(get(`http://127.0.0.1:${await freePort()}/`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await dispatcher.close()
})
