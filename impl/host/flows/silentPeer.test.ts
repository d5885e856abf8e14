import { expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { parseAddress } from '../../link/address.ts'
import { Stream } from '../../transport/stream/stream.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { Hosts } from '../testing/hosts.ts'
import type { Flow } from './flow.ts'

const SERVICE = serviceIdOf('acme/greeter')

/**
 * A client and a server that sends first. The third packet, which carries the stream's part of the confirmation, is
 * lost.
 */
function unconfirmed() {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1', '10.0.1.1'])
  const server = hosts.add(['10.0.0.2'])
  const accepted: Flow[] = []
  server.host.listen(prefixOfId(SERVICE), {
    transport: () => new Stream({ initialSequence: 1 }),
    onReady: listener => accepted.push(must(server.host.accept(listener))),
  })
  let count = 0
  hosts.pass = () => ++count !== 3
  const transport = new Stream({ initialSequence: 2 })
  const flow = client.host.connect({ service: SERVICE, transport, via: parseAddress('10.0.0.2') }, 0)
  return { hosts, client, flow, transport, accepted }
}

const greet = (flow: Flow): boolean => (flow.transport as Stream).write(new Uint8Array([104, 105]))

test('a server may send first to a silent client, whatever confirmed the handshake', () => {
  const { hosts, transport, accepted } = unconfirmed()
  hosts.run(5000)
  greet(at(accepted, 0))
  hosts.run(6000)
  expect(transport.read()?.toString()).toBe('hi')
})

test('a move that confirms the handshake confirms it for the stream as well', () => {
  const { hosts, client, flow, transport, accepted } = unconfirmed()
  hosts.run(30)
  client.host.migrate(flow, at(client.host.addresses, 1), hosts.now)
  hosts.run(5000)
  greet(at(accepted, 0))
  hosts.run(6000)
  expect(transport.read()?.toString()).toBe('hi')
})
