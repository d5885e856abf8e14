/** Listeners at prefixes, on hosts: which listener gets a SYN, and what the accepted flow knows. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { SYN } from '../../../spec/machines/flow/packets.ts'
import type { Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import {
  covers,
  isCertified,
  listenedPrefixOf,
  printServiceId,
  SERVICE_BYTES,
  serviceIdOf,
} from '../services/serviceId.ts'
import { kind } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'
import type { Flow } from './flow.ts'
import type { Listener } from './listener.ts'

const KEY = '#0123456789abcdef0123456789abcdef'
const PREFIXES = ['*', 'acme/*', 'acme/store/*', 'acme/store', 'acme/store/eu', `acme${KEY}`]
const SERVICES = [
  'acme',
  'acme/store',
  'acme/store/eu',
  'acme/store/us',
  'other',
  `acme${KEY}`,
  `acme/store${KEY}`,
]

function stage() {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'])
  const server = hosts.add(['10.0.0.2'])
  const children: Flow[] = []
  const bind = (text: string): Listener =>
    server.host.listen(listenedPrefixOf(text), {
      transport: () => new DatagramTransport(),
      onReady: ready => children.push(must(server.host.accept(ready))),
    })
  const connect = (text: string): Flow => {
    const asked = { service: serviceIdOf(text), transport: new DatagramTransport() }
    return client.host.connect({ ...asked, via: at(server.host.addresses, 0) }, hosts.now)
  }
  return { hosts, client, server, children, bind, connect }
}

/** Returns the longest bound prefix; for a service with a key, only that service itself. */
function naive(bound: readonly string[], text: string): string | undefined {
  const id = serviceIdOf(text)
  const those = bound
    .map(each => listenedPrefixOf(each))
    .filter(prefix => covers(prefix, id) && (prefix.bits === 256 || !isCertified(id)))
  return those.sort((a, b) => b.bits - a.bits)[0]?.text
}

test('the longest prefix with a listener gets a SYN, and its flow knows the complete service (invariants 43, 47)', () => {
  const act = fc.oneof(
    fc.record({ toggle: fc.constantFrom(...PREFIXES) }),
    fc.record({ ask: fc.constantFrom(...SERVICES) }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30, size: 'max' }), acts => {
      const { hosts, server, children, bind, connect } = stage()
      const bound = new Map<string, Listener>()
      for (const each of acts) {
        if ('toggle' in each) {
          const listener = bound.get(each.toggle)
          if (listener !== undefined) server.host.unlisten(listener, hosts.now)
          if (!bound.delete(each.toggle)) bound.set(each.toggle, bind(each.toggle))
          continue
        }
        const expected = naive([...bound.keys()], each.ask)
        const flow = connect(each.ask)
        hosts.run(hosts.now + 100)
        const child = children.pop()
        expect(child?.listener?.prefix.text).toBe(expected)
        expect([flow.isLive, child && printServiceId(child.service)]).toEqual(
          expected === undefined ? [false, undefined] : [true, printServiceId(serviceIdOf(each.ask))],
        )
      }
      const flows = [...bound.values()].reduce((sum, listener) => sum + listener.flows, 0)
      expect(flows).toBeLessThanOrEqual(server.host.bySyn.size)
    }),
  )
})

test('a flow keeps the requested service, and not the datagram that carried it', () => {
  const { hosts, children, bind, connect } = stage()
  hosts.pass = datagram => {
    // As Node's sockets provide them.
    Object.assign(datagram, { bytes: Buffer.from(datagram.bytes) })
    return true
  }
  bind('acme/*')
  connect('acme/store')
  hosts.run(100)
  const { buffer } = at(children, 0).service
  expect(buffer.byteLength).toBe(SERVICE_BYTES)
})

test('a new listener at a longer prefix does not get a SYN again that was accepted before (invariant 3)', () => {
  const { hosts, server, children, bind, connect } = stage()
  const syns: Datagram[] = []
  hosts.pass = datagram => {
    if (kind(datagram) === SYN) syns.push({ ...datagram, bytes: datagram.bytes.slice() })
    return true
  }
  const shorter = bind('acme/*')
  const flow = connect('acme/store')
  hosts.run(100)
  const longer = bind('acme/store')
  server.host.receive(syns, hosts.now)
  expect(server.host.flowCount).toBe(1)
  hosts.run(200)
  expect([children.length, shorter.flows, longer.flows, flow.isLive]).toEqual([1, 1, 0, true])
  server.host.unlisten(shorter, hosts.now)
  server.host.receive(syns, hosts.now)
  expect(server.host.flowCount).toBe(1)
  hosts.run(300)
  expect([children.length, server.host.flowCount, flow.isLive]).toEqual([1, 1, true])
})

test('when the longer one closes, its handshakes end, and the shorter one gets later clients', () => {
  const { hosts, server, children, bind, connect } = stage()
  const shorter = bind('acme/*')
  const longer = bind('acme/store/*')
  const early = connect('acme/store/eu')
  hosts.run(12)
  expect([longer.pending, early.isLive]).toEqual([1, false])
  server.host.unlisten(longer, hosts.now)
  const late = connect('acme/store/eu')
  hosts.run(200)
  expect([early.isClosed, late.isLive, children.map(({ listener }) => listener)]).toEqual([
    true,
    true,
    [shorter],
  ])
})
