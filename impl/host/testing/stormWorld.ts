/**
 * For tests: a client, a router and a server in virtual time that connect, talk, move and close, while an attacker on the
 * path delivers mutants of their packets to all three.
 */

import { expect } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { type Random, randomFrom } from '../../../spec/wire/testing/mutants.ts'
import { parseAddress } from '../../link/address.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { Stream } from '../../transport/stream/stream.ts'
import type { SalError } from '../errors.ts'
import type { Flow } from '../flows/flow.ts'
import type { ServiceError } from '../services/serviceErrors.ts'
import { prefixOfId, serviceIdOf, servicePrefixOf } from '../services/serviceId.ts'
import { Hosts, type Station } from './hosts.ts'
import { MutantSource, storm } from './storm.ts'

const SERVICE = serviceIdOf('acme/echo')
const CLIENT_ADDRESSES = ['10.0.0.1', '10.0.0.3']
const SERVER_ADDRESSES = ['10.0.0.2', '10.0.0.4']
const ROUTER_ADDRESS = '10.0.1.1'
/** Mutants between two steps of the honest hosts. */
const MUTANTS_A_ROUND = 100
/** Connections that the client has at most; the oldest is reset. */
const MOST_CONNECTIONS = 12
/** Longer than every timer of a flow: after it, whatever the storm left is over or works. */
const CALM_MS = 3_600_000
/** Packets that the three hosts may send for each mutant: an answer, its relay, and acknowledgments. */
const MOST_SENT_PER_MUTANT = 20

const transportFor = (protocol: number, random: Random): Stream | DatagramTransport =>
  protocol === 17
    ? new DatagramTransport()
    : new Stream({ initialSequence: random(), timestampOffset: random() })

/** Reads everything and writes it back. */
const echo = (flow: Flow): void => {
  const transport = flow.transport as Stream | DatagramTransport
  const answer = () => {
    for (let bytes = transport.read(); bytes !== undefined; bytes = transport.read())
      if (flow.isLive) transport.write(bytes)
  }
  transport.user = { onReadable: answer }
  answer()
}

interface Scene {
  readonly hosts: Hosts
  readonly client: Station
  readonly server: Station
  readonly router: Station
  /** Flows of the client that wrote their last byte. */
  readonly finished: WeakSet<Flow>
}

function scene(seed: number, random: Random): Scene {
  const hosts = new Hosts(seed)
  const client = hosts.add(CLIENT_ADDRESSES)
  const server = hosts.add(SERVER_ADDRESSES)
  const router = hosts.addRouter([ROUTER_ADDRESS])
  const rule = (station: Station, to: string): void =>
    station.host.services.add(servicePrefixOf('*'), { kind: 'forward', address: parseAddress(to) }, 1, 1)
  rule(client, ROUTER_ADDRESS)
  rule(router, at(SERVER_ADDRESSES, 0))
  server.host.listen(prefixOfId(SERVICE), {
    transport: protocol => transportFor(protocol, random),
    onReady: listener => echo(must(server.host.accept(listener))),
    onUnconnected: () => {},
  })
  return { hosts, client, server, router, finished: new WeakSet() }
}

/** Connects, writes, moves or closes one of the client's flows. */
function act({ hosts, client, server, finished }: Scene, random: Random): void {
  const { host } = client
  const flows = host.flows()
  if (flows.length > MOST_CONNECTIONS) host.abort(at(flows, 0), hosts.now)
  const flow = flows[random() % Math.max(1, flows.length)]
  const choice = random() % 6
  if (choice === 0 || flow === undefined)
    host.connect(
      { service: SERVICE, transport: transportFor(random() % 2 === 0 ? 6 : 17, random) },
      hosts.now,
    )
  else if (choice === 1) {
    finished.add(flow)
    host.finish(flow, hosts.now)
  } else if (choice === 2) {
    const [moving, addresses] =
      random() % 2 === 0 ? [flow, CLIENT_ADDRESSES] : [server.host.flows()[0], SERVER_ADDRESSES]
    const owner = moving === flow ? host : server.host
    if (moving !== undefined) move(owner, moving, parseAddress(at(addresses, random() % 2)), hosts.now)
  } else if (flow.isLive && !finished.has(flow)) {
    const transport = flow.transport as Stream | DatagramTransport
    transport.write(new Uint8Array(1 + (random() % 1000)).fill(random()))
    transport.read()
  }
}

/** A flow that is not connected refuses to move. */
function move(host: Station['host'], flow: Flow, address: number, now: number): void {
  try {
    host.migrate(flow, address, now)
  } catch (error) {
    expect((error as SalError | ServiceError).code).toBe('SAL_STATE')
  }
}

/** Whether a new connection to the service carries a message to it and back. */
function connects({ hosts, client }: Scene, protocol: number, random: Random): boolean {
  const transport = transportFor(protocol, random)
  const flow = client.host.connect({ service: SERVICE, transport }, hosts.now)
  const message = new Uint8Array([1, 2, 3])
  hosts.run(hosts.now + 10_000)
  if (flow.isLive) transport.write(message)
  hosts.run(hosts.now + 10_000)
  const answer = transport.read()
  return answer !== undefined && Buffer.from(answer).equals(message)
}

/**
 * Delivers at least `count` mutants. Checks that no host meets an unexpected error or amplifies, that nothing grows without
 * bound, and that the service works for a new client once the storm is over.
 */
export function weather(seed: number, count: number): void {
  const random = randomFrom(seed)
  const all = scene(seed, random)
  const { hosts, client, server, router } = all
  const source = new MutantSource(random)
  hosts.pass = datagram => {
    source.remember(datagram)
    return true
  }
  act(all, random)
  hosts.run(hosts.now + 100)
  let sent = 0
  for (let done = 0; done < count; done += MUTANTS_A_ROUND) {
    act(all, random)
    sent += storm(hosts, source, MUTANTS_A_ROUND)
    hosts.run(hosts.now + (random() % 200))
  }
  expect(sent / count).toBeLessThan(MOST_SENT_PER_MUTANT)
  hosts.pass = () => true
  for (const { host } of [client, server, router])
    for (const flow of host.flows()) host.abort(flow, hosts.now)
  hosts.run(hosts.now + CALM_MS)
  expect([client, server, router].map(({ host }) => host.flowCount)).toEqual([0, 0, 0])
  expect([client, server, router].map(({ host }) => host.counters.faults)).toEqual([0, 0, 0])
  expect([connects(all, 6, random), connects(all, 17, random)]).toEqual([true, true])
}
