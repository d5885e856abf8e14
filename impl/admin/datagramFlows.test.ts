import { once } from 'node:events'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { createSocket, Stack } from '../sockets/index.ts'
import { flowsOf } from './facts.ts'
import { addFlow, removeFlow } from './flows.ts'
import { printFlowId } from './methods.ts'

test('the flows of a connection of datagrams are listed, added and removed', async () => {
  await using client = await new Stack({ addresses: ['127.0.0.1:0', '127.0.0.3:0'] }).opened()
  await using serving = await new Stack({ addresses: ['127.0.0.2:0', '127.0.0.4:0'] }).opened()
  const server = createSocket({ stack: serving }, (message, from) => server.send(message, from))
  await once(server.bind('test/service'), 'listening')
  const socket = createSocket({ stack: client })
  socket.connect({ service: 'test/service', via: at(serving.addresses, 0) })
  await once(socket, 'connect')

  const protections = () => flowsOf(client).flows.map(({ protection }) => protection)
  expect(protections()).toEqual([null])
  const first = printFlowId(at(socket.flows, 0).flow)
  const other = at(serving.addresses, 1)
  const { flow, peer } = await addFlow(client, { flow: first, from: '127.0.0.3', to: other })
  expect(peer).toBe(other)
  for (const [to, message] of [
    ['nowhere', /ADMIN_ADDRESS/],
    ['127.0.0.2:0', /ADMIN_ADDRESS.*port 0/],
    ['[::1]:5', /ADMIN_FLOW.*EAFNOSUPPORT/],
    // This process listens there, and knows no such connection.
    [at(client.addresses, 0), new RegExp(`no further flow at ${at(client.addresses, 0)}`)],
  ] as const)
    await expect(addFlow(client, { flow: first, from: '127.0.0.3', to })).rejects.toThrow(message)
  const isMeasured = () => flowsOf(client).flows.every(({ roundTripMs }) => roundTripMs !== null)
  do {
    socket.send('a message')
    await once(socket, 'message')
  } while (!isMeasured())
  expect(protections()).toEqual(['same network', 'same network'])
  // The server accepted the connection, and every flow that joined it.
  expect(flowsOf(serving).flows.map(({ side }) => side)).toEqual(['server', 'server'])
  const { flows } = flowsOf(client)
  expect(flows.map(({ of, kind }) => [of, kind])).toEqual(Array(2).fill([first, 'datagram']))
  expect(flows.reduce((sum, { sent }) => sum + sent, 0)).toBeGreaterThan(0)

  const ended = once(socket, 'flowEnd')
  await removeFlow(client, flow)
  await ended
  expect(flowsOf(client).flows.filter(({ of }) => of !== null).length).toBe(1)
})
