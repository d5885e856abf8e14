/** A port that nobody has refuses connects at once, and ends nothing else. */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { at } from '../../checker/text/at.ts'
import { connect, createServer, createSocket, type Socket, Stack } from './index.ts'

/** Long enough for a destination to be asked. */
const ASKED_MS = 200

let client: Stack
let server: Stack
let via: string

beforeEach(async () => {
  client = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
  server = await new Stack({ addresses: ['127.0.0.2:0'] }).opened()
  via = at(server.addresses, 0)
  createServer({ stack: server }).listen('test/service')
  return () => Promise.all([client, server].map(stack => stack.close({ limitMs: 0 })))
})

/** The server's process has died, and the client does not know. */
const vanish = () => server.driver.link.close()
const dial = (): Socket => connect({ service: 'test/service', via, stack: client })
const refusal = async (socket: Socket) => ((await once(socket, 'error')) as [NodeJS.ErrnoException])[0].code

test('all connects in progress are refused, those of messages too', SLOW, async () => {
  await vanish()
  const streams = [dial(), dial(), dial()]
  const messages = createSocket({ stack: client }).connect({ service: 'test/service', via })
  const [[error]] = await Promise.all([once(messages, 'error'), ...streams.map(refusal)])
  expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
  expect(client.host.flowCount).toBe(0)
})

test('an established connection survives the refusal of another', SLOW, async () => {
  const socket = dial()
  await once(socket, 'connect')
  await vanish()
  socket.write('x')
  expect(await refusal(dial())).toBe('ECONNREFUSED')
  expect([socket.readyState, client.host.flowCount]).toEqual(['open', 1])
  socket.destroy()
})

test('a destination is asked from one port, although an older connection to it closes meanwhile', async () => {
  const old = dial()
  await once(old, 'connect')
  await vanish()
  const silent = dgram.createSocket('udp4')
  const ports = new Set<number>()
  silent.on('message', (bytes, { port }) => bytes.length === 0 && ports.add(port))
  const [address = '', port] = via.split(':')
  await once(silent.bind(Number(port), address), 'listening')
  const pending = [dial()]
  await once(silent, 'message')
  old.resetAndDestroy()
  await wait(ASKED_MS)
  pending.push(dial())
  await wait(ASKED_MS)
  expect(ports.size).toBe(1)
  for (const socket of pending) socket.destroy()
  silent.close()
})
