/** Sockets whose service has a rule to wait for a controller, over UDP. */

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { servicePrefixOf } from '../host/services/serviceId.ts'
import { connect, createServer, createSocket, Stack } from './index.ts'

const SERVICE = 'test/service'

/** Opens a stack that waits for all unknown services, and one that serves a service. */
async function pair(limits = {}) {
  const [client, server] = [
    await new Stack({ addresses: ['127.0.0.1:0'], limits }).opened(),
    await new Stack({ addresses: ['127.0.0.2:0'] }).opened(),
  ]
  client.host.services.add(servicePrefixOf('*'), { kind: 'delay' }, 1, 1)
  const listening = createServer({ stack: server }, socket => socket.end('found')).listen(SERVICE)
  await once(listening, 'listening')
  const asked = (): Promise<Uint8Array> =>
    new Promise(resolve => {
      client.host.delays.onMiss = resolve
    })
  return {
    ...{ client, server, asked },
    async [Symbol.asyncDispose]() {
      await Promise.all([client.close({ limitMs: 0 }), server.close({ limitMs: 0 })])
    },
  }
}

test('a connect waits, and continues when a rule gives the address', async () => {
  await using two = await pair()
  const asking = two.asked()
  const socket = connect({ service: SERVICE, stack: two.client })
  await asking
  expect([socket.connecting, two.client.host.flowCount]).toEqual([true, 0])
  // A rule for other services releases nothing.
  two.client.addService('other', { via: '127.0.0.9:1' })
  expect(two.client.host.delays.size).toBe(1)
  two.client.addService('test', { via: at(two.server.addresses, 0) })
  const [bytes] = await once(socket, 'data')
  expect(String(bytes)).toBe('found')
  expect(two.client.counters).toMatchObject({ delayed: 1, purged: 0 })
})

test('messages wait too, with and without a connection', async () => {
  await using two = await pair()
  const bound = createSocket({ stack: two.server }, (message, from) => bound.send(`${message}!`, from))
  bound.bind('test/shout')
  await once(bound, 'listening')
  const asking = two.asked()
  const alone = createSocket({ stack: two.client })
  const sent = new Promise(resolve => {
    alone.send('alone', 'test/shout', (...told) => resolve(told))
  })
  const connected = createSocket({ stack: two.client }).connect('test/shout')
  await asking
  connected.send('together')
  two.client.addService('test', { via: at(two.server.addresses, 0) })
  const answers = await Promise.all([once(alone, 'message'), once(connected, 'message')])
  expect(answers.map(([message]) => String(message))).toEqual(['alone!', 'together!'])
  expect(await sent).toEqual([null, 5])
})

test.each([
  ['ENOTFOUND', 'unanswered'],
  ['ENOTFOUND', 'lost'],
  ['ENOTFOUND', 'answered'],
  ['ETIMEDOUT', 'nothing'],
] as const)('it ends with %s after %s', async (code, how) => {
  await using two = await pair(how === 'nothing' ? { asks: 2, askMs: 20 } : {})
  const asking = two.asked()
  const socket = connect({ service: SERVICE, stack: two.client })
  const failed = once(socket, 'error')
  const service = await asking
  const message = createSocket({ stack: two.client })
  const told = new Promise<Error>(resolve => {
    message.send('hello', SERVICE, error => resolve(must(error)))
  })
  const { host, driver } = two.client
  expect(host.delays.size).toBe(2)
  if (how === 'lost') host.delays.lost(driver.now())
  else if (how !== 'nothing') host.delays[how](service, driver.now())
  expect((await failed)[0]).toMatchObject({ code, syscall: 'connect', service: SERVICE })
  expect(await told).toMatchObject({ code, syscall: 'send' })
  expect(host.delays.size).toBe(0)
})

test('a socket that is closed while it waits is never opened', async () => {
  await using two = await pair()
  const asking = two.asked()
  const socket = connect({ service: SERVICE, stack: two.client })
  await asking
  socket.destroy()
  two.client.addService('*', { via: at(two.server.addresses, 0), priority: 2 })
  await once(socket, 'close')
  await new Promise(setImmediate)
  expect([two.client.host.delays.size, two.client.host.flowCount]).toEqual([0, 0])
})

test('excess waiting connections fail with an error', async () => {
  await using two = await pair({ delayed: 1 })
  connect({ service: SERVICE, stack: two.client }).on('error', () => {})
  const [error] = await once(connect({ service: SERVICE, stack: two.client }), 'error')
  expect(error).toMatchObject({ code: 'ENOBUFS' })
})
