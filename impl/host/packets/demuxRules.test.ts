/** Invariant 47 on hosts: a DEMUX rule exists exactly while its socket is bound, whatever happens to its children. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { at, must } from '../../../checker/text/at.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { SalError } from '../errors.ts'
import type { Flow } from '../flows/flow.ts'
import type { Listener } from '../flows/listener.ts'
import { covers, listenedPrefixOf, serviceIdOf } from '../services/serviceId.ts'
import { Hosts } from '../testing/hosts.ts'

const NAMES = ['acme', 'acme/echo', 'other', 'acme/*', 'acme/echo/*']
const SERVICES = NAMES.filter(name => !name.endsWith('*'))
const step = fc.record({
  act: fc.constantFrom('bind', 'bind', 'connect', 'connect', 'unbind', 'closeChild', 'abortChild', 'wait'),
  name: fc.constantFrom(...NAMES),
  service: fc.constantFrom(...SERVICES),
  ms: fc.constantFrom(5, 15, 100_000),
})

function stage() {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'])
  const server = hosts.add(['10.0.0.2'])
  const bound = new Map<string, Listener>()
  const children: Flow[] = []
  return {
    ...{ hosts, server, bound, children },
    bind(name: string) {
      const listen = () =>
        server.host.listen(listenedPrefixOf(name), {
          transport: () => new DatagramTransport(),
          onReady: ready => children.push(must(server.host.accept(ready))),
        })
      if (bound.has(name)) expect(listen).toThrow(SalError)
      else bound.set(name, listen())
    },
    unbind(name: string) {
      const listener = bound.get(name)
      bound.delete(name)
      if (listener === undefined) return
      server.host.unlisten(listener, hosts.now)
      server.host.unlisten(listener, hosts.now)
    },
    connect(name: string) {
      const transport = new DatagramTransport()
      client.host.connect(
        { service: serviceIdOf(name), transport, via: at(server.host.addresses, 0) },
        hosts.now,
      )
    },
  }
}

/** Returns the listener at the longest prefix of a service. */
function longest(bound: ReadonlyMap<string, Listener>, service: string): Listener | undefined {
  const those = [...bound.values()].filter(({ prefix }) => covers(prefix, serviceIdOf(service)))
  return those.sort((a, b) => b.prefix.bits - a.prefix.bits)[0]
}

test(
  'a DEMUX rule exists while its socket is bound, whatever happens to its children (invariant 47)',
  SLOW,
  () => {
    let born = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), steps => {
        const { hosts, server, bound, children, ...acts } = stage()
        for (const { act, name, service, ms } of steps) {
          if (act === 'bind') acts.bind(name)
          else if (act === 'unbind') acts.unbind(name)
          else if (act === 'connect') acts.connect(service)
          else if (act === 'closeChild')
            for (const flow of children.splice(0, 1)) server.host.finish(flow, hosts.now)
          else if (act === 'abortChild')
            for (const flow of children.splice(0, 1)) server.host.abort(flow, hosts.now)
          hosts.run(hosts.now + ms)
          born += children.length
          const listed = server.host.services.rules().map(({ prefix, target }) => [prefix.text, target.kind])
          const expected = [...bound.keys()].map(each => [each, 'demux'])
          expect(listed.sort()).toEqual(expected.sort())
          for (const each of SERVICES) {
            const target = server.host.services.explain(serviceIdOf(each), 0)?.target
            const listener = longest(bound, each)
            expect(target).toEqual(listener && { kind: 'demux', listener })
          }
        }
      }),
    )
    expect(born).toBeGreaterThan(0)
  },
)
