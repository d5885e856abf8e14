/** Servers that listen to prefixes, over UDP. */

import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { printServiceId, serviceIdOf } from '../host/services/serviceId.ts'
import { connect, createServer, createSocket, Stack } from './index.ts'

const open = (address: string): Promise<Stack> => new Stack({ addresses: [`${address}:0`] }).opened()

test('a server at a prefix learns the requested service; a longer prefix takes precedence while it is listened to', async () => {
  await using stack = await open('127.0.0.1')
  await using client = await open('127.0.0.2')
  client.addService('*', { via: at(stack.addresses, 0) })
  const serve = async (service: string, name: string) => {
    const server = createServer({ stack }, socket => socket.end(`${name} ${socket.service}`)).listen(service)
    await once(server, 'listening')
    return server
  }
  const ask = (service: string): Promise<string> => text(connect({ service, stack: client }))
  const all = await serve('acme/*', 'all')
  const store = await serve('acme/store/*', 'store')
  const [eu, web] = ['acme/store/eu', 'acme/web'].map(name => printServiceId(serviceIdOf(name)))
  expect(all.address()).toMatchObject({ service: 'acme/*', id: `822b33ad${'0'.repeat(56)}/32` })
  expect([await ask('acme/store/eu'), await ask('acme/web')]).toEqual([`store ${eu}`, `all ${web}`])
  expect(stack.rules.list()).toMatchObject([
    { prefix: 'acme/store/*', bits: 64, target: 'demux', isPlain: true, packets: 1 },
    { prefix: 'acme/*', bits: 32, target: 'demux', isPlain: true, packets: 1 },
  ])
  store.close()
  expect(await ask('acme/store/eu')).toBe(`all ${eu}`)
  const errors = ['other', `acme/web#${'0'.repeat(32)}`].map(async service => {
    const [error] = await once(connect({ service, stack: client }), 'error')
    return error.code
  })
  expect(await Promise.all(errors)).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
})

test('an invalid or occupied prefix is rejected', async () => {
  await using stack = await open('127.0.0.1')
  const server = createServer({ stack })
  expect(() => server.listen('acme/*/eu')).toThrow('SERVICE_NAME')
  expect(() => server.listen(`${'0'.repeat(63)}1/8`)).toThrow('SERVICE_BITS')
  expect(() => connect({ service: 'acme/*', stack })).toThrow('SERVICE_ADDRESS')
  await once(server.listen('acme/*'), 'listening')
  const [error] = await once(createServer({ stack }).listen('ACME/*'), 'error')
  expect(error.code).toBe('EADDRINUSE')
})

test('messages to a prefix carry the requested service, and answers come from it', async () => {
  await using stack = await open('127.0.0.1')
  await using client = await open('127.0.0.2')
  client.addService('*', { via: at(stack.addresses, 0) })
  const server = createSocket({ stack }, (message, from) =>
    server.send(`${message} ${from.asked}`, from),
  ).bind('acme/*')
  await once(server, 'listening')
  const asked = printServiceId(serviceIdOf('acme/shout'))
  const connected = createSocket({ stack: client }).connect('acme/shout')
  connected.send('through a flow')
  expect(`${(await once(connected, 'message'))[0]}`).toBe(`through a flow ${asked}`)
  const alone = createSocket({ stack: client })
  alone.send('on its own', 'acme/shout')
  const [message, from] = await once(alone, 'message')
  expect([`${message}`, from.service]).toEqual([`on its own ${asked}`, asked])
})
