/** Hosts that find each other with the help of others, each judged by what it saw. */

import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { seededRandom } from '../../impl/host/random/random.ts'
import { Announcer } from '../../impl/host/rendezvous/announcer.ts'
import { Rendezvous } from '../../impl/host/rendezvous/rendezvous.ts'
import { servicePrefixOf } from '../../impl/host/services/serviceId.ts'
import { ECHO, hear, kind, listen, say } from '../../impl/host/testing/echo.ts'
import { Hosts, type Station } from '../../impl/host/testing/hosts.ts'
import { parseAddress } from '../../impl/link/address.ts'
import type { Link } from '../../impl/link/link.ts'
import { captureBlocks, captureHeader } from '../../impl/link/pcapng.ts'
import type { Captured } from '../../impl/link/readCapture.ts'
import { DatagramTransport } from '../../impl/transport/datagram.ts'
import { Judge } from '../../properties/conformance/judge.ts'
import { generatePlan } from '../../properties/simulator/generate.ts'
import { simulate } from '../../properties/simulator/simulate.ts'
import { RSYN, RSYNACK } from '../../spec/machines/flow/packets.ts'
import { frameOf } from '../../spec/wire/testing/again.ts'
import { judgeCapture } from './capture.ts'
import { observe } from './observe.ts'
import { Proofs } from './proofs.ts'

const at = parseAddress

/** A client, its helpers and a server, and what each of them sees. */
function three(isRouter: boolean) {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1', '10.0.3.1'])
  const helper = isRouter ? hosts.addRouter(['10.0.1.1']) : hosts.add(['10.0.1.1'])
  const server = hosts.add(['10.0.0.2', '10.0.4.2'])
  const pieces = new Map<Station<Link>, Uint8Array[]>()
  for (const station of hosts.stations) pieces.set(station, [captureHeader()])
  hosts.pass = (datagram, from) => {
    const isTo = ({ link, host }: Station<Link>) =>
      link.addresses().includes(datagram.to) || host.places.isBroadcast(datagram.to)
    for (const [station, list] of pieces) {
      if (station === from) list.push(captureBlocks([datagram], 'out', hosts.now))
      else if (isTo(station)) list.push(captureBlocks([datagram], 'in', hosts.now))
    }
    return true
  }
  const { accepted } = listen(server)
  const transport = new DatagramTransport()
  const connect = (via: string) => client.host.connect({ service: ECHO, transport, via: at(via) }, hosts.now)
  const judged = (station: Station<Link>) =>
    judgeCapture('file', Buffer.concat(must(pieces.get(station)))).judgement
  const judgements = () =>
    [client, helper, server].map(station => {
      const { verdict, flows, packets, contradiction } = judged(station)
      expect(contradiction).toBeUndefined()
      return [verdict, flows, packets.forwarded, packets.unreadable]
    })
  return { hosts, client, helper, server, accepted, connect, judged, judgements }
}

test('a server that a client finds through a router, and the router, hold', () => {
  const { hosts, client, helper, server, accepted, connect, judgements } = three(true)
  const target = { kind: 'forward', address: must(server.host.addresses[0]) } as const
  helper.host.services.add(servicePrefixOf('*'), target, 1, 1)
  const flow = connect('10.0.1.1')
  hosts.run(500)
  client.host.migrate(flow, at('10.0.3.1'), hosts.now)
  hosts.run(1000)
  say(must(accepted[0]), 'hello')
  hosts.run(2000)
  expect(hear(flow)).toBe('hello')
  expect(judgements()).toEqual([
    ['holds', 1, 0, 0],
    ['holds', 0, 1, 0],
    ['holds', 1, 0, 0],
  ])
})

test('a server that a client finds by broadcast holds', () => {
  const { hosts, accepted, connect, judgements, server } = three(false)
  hosts.broadcastAt('10.0.0.255')
  const flow = connect('10.0.0.255')
  hosts.run(500)
  server.host.migrate(must(accepted[0]), at('10.0.4.2'), hosts.now)
  hosts.run(1000)
  say(must(accepted[0]), 'hello')
  hosts.run(2000)
  expect(hear(flow)).toBe('hello')
  const [client, , answered] = judgements()
  expect([client, answered]).toEqual([
    ['holds', 1, 0, 0],
    ['holds', 1, 0, 0],
  ])
})

/** Both ends announce where they are. */
function meet({ hosts, client, helper, server }: ReturnType<typeof three>): void {
  new Rendezvous(helper.host, seededRandom(90))
  for (const [i, { host, link }] of [client, server].entries()) {
    const announcer = new Announcer(host, at('10.0.1.1'), seededRandom(91 + i))
    link.changed(now => {
      host.setAddresses(now)
      announcer.follow(hosts.now)
    })
    announcer.follow(hosts.now)
  }
}

test('ends that move at once and find each other through a rendezvous hold', () => {
  const all = three(false)
  const { hosts, client, server, accepted, connect, judgements } = all
  meet(all)
  const flow = connect('10.0.0.2')
  hosts.run(500)
  const [peer] = accepted
  for (const [{ host, link }, one, gone, next] of [
    [client, flow, '10.0.0.1', '10.0.3.1'],
    [server, must(peer), '10.0.0.2', '10.0.4.2'],
  ] as const) {
    link.remove(at(gone))
    host.migrate(one, at(next), hosts.now)
  }
  hosts.run(10_000)
  say(must(peer), 'hello')
  hosts.run(11_000)
  expect(hear(flow)).toBe('hello')
  const [one, relay, other] = judgements()
  expect([one, other]).toEqual([
    ['holds', 1, 0, 0],
    ['holds', 1, 0, 0],
  ])
  expect(must(relay)[2]).toBeGreaterThan(0)
})

test(
  'simulated hosts and routers hold, with crashes, instances, and moves of both ends at once',
  SLOW,
  () => {
    let relayed = 0
    for (let seed = 0; seed < 20; seed++) {
      const plan = generatePlan({ seed, hosts: 4, routers: 1, instances: 2, faults: 'harsh' })
      const seen = new Map<number, Captured[]>()
      const simulation = simulate(plan, {
        packet: (host, { from, to, bytes }, direction, timeMs) => {
          const list = seen.get(host) ?? []
          seen.set(host, list)
          list.push({ from, to, bytes: bytes.slice(), direction, timeMs, number: list.length + 1 })
        },
      })
      relayed += simulation.relayed
      // A host that was restarted may be silent about the flows of its former life.
      const restarted = new Set(plan.actions.flatMap(one => (one.do === 'crash' ? [one.host] : [])))
      for (const [host, list] of seen) {
        const own = new Set(list.filter(({ direction }) => direction === 'out').map(({ from }) => from))
        const judge = new Judge({ isRunning: !restarted.has(host) })
        const proofs = new Proofs()
        for (const one of list) judge.see(observe(one, one.direction as 'in' | 'out', own, proofs))
        expect(judge.judgement().contradiction, `host ${host} of seed ${seed}`).toBeUndefined()
      }
    }
    expect(relayed).toBeGreaterThan(3)
  },
)

describe('a RSYN that a host on the path forwards as if it were a rendezvous', () => {
  const [forger, victim] = [at('10.0.9.9'), at('10.0.7.7')]

  /** What is judged of a server that gets it, and where the server's answer went. */
  function forged(isMet: boolean, spoil: (server: Station) => void) {
    const all = three(false)
    const { hosts, client, server, connect, judged } = all
    const between = hosts.add(['10.0.9.9'])
    if (isMet) meet(all)
    const flow = connect('10.0.0.2')
    hosts.run(500)
    spoil(server)
    const { pass } = hosts
    const answers: number[] = []
    hosts.pass = (datagram, from) => {
      if (kind(datagram) === RSYNACK) answers.push(datagram.to)
      if (from !== client || kind(datagram) !== RSYN) return pass(datagram, from)
      between.host.packets.forward(frameOf(datagram.bytes), victim, forger, datagram.to, forger)
      return false
    }
    client.host.migrate(flow, at('10.0.3.1'), hosts.now)
    hosts.run(3000)
    return { judgement: judged(server), to: answers[0] }
  }

  test.each([true, false])('deceives no host, and every host holds (announced: %s)', isMet => {
    const { judgement, to } = forged(isMet, () => {})
    expect([judgement.contradiction, judgement.verdict, to]).toEqual([undefined, 'holds', forger])
  })

  test('reveals a host that follows it', () => {
    const { judgement, to } = forged(true, ({ host }) => {
      host.places.rendezvous = forger
    })
    expect([judgement.verdict, to]).toEqual(['violated', victim])
    expect(judgement.contradiction).toMatchObject({ kind: 'unexplained', packet: { kind: RSYNACK } })
  })
})
