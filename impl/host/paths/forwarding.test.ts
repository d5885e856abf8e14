import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { RST, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { MOST_HOPS } from '../../../spec/machines/resolution/limits.ts'
import { CHECK_OFFSET } from '../../../spec/wire/format.ts'
import { read16, write16, write32 } from '../../../spec/wire/numbers.ts'
import { adjustChecksum, seal } from '../../../spec/wire/sum.ts'
import { frameOf, outgoingOf } from '../../../spec/wire/testing/again.ts'
import { captured } from '../../../spec/wire/testing/pcap.ts'
import { prototypeForwards } from '../../../spec/wire/testing/prototypeRouter.ts'
import { fromIPv4, ipOf, parseAddress } from '../../link/address.ts'
import { type Datagram, DEFAULT_MTU } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { prefixOfId, serviceIdOf, servicePrefixOf } from '../services/serviceId.ts'
import { ECHO, hear, kind, listen, notices, say } from '../testing/echo.ts'
import { Hosts, type Station } from '../testing/hosts.ts'
import { encodeUnconnected, FORWARDING_BYTES, UNCONNECTED_BYTES, type Unconnected } from './unconnected.ts'

const LONGEST_MESSAGE = DEFAULT_MTU - UNCONNECTED_BYTES - FORWARDING_BYTES

const ip = (text: string): number => ipOf(parseAddress(text))

/** Adds a rule that forwards packets below `prefix` to an address. */
const route = ({ host }: Station, to: string, prefix = '*', weight = 1): void =>
  host.services.add(servicePrefixOf(prefix), { kind: 'forward', address: parseAddress(to) }, 1, weight)

const ask = (client: Station, hosts: Hosts) =>
  client.host.connect({ service: ECHO, transport: new DatagramTransport() }, hosts.now)

/** A client that knows only the first of `count` routers in a row; the last one knows the server. */
function row(count: number, limits = {}) {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1:40000'])
  const routers = Array.from({ length: count }, (_, i) => hosts.addRouter([`10.0.1.${i + 1}`], limits))
  const server = hosts.add(['10.0.0.2'])
  const echo = listen(server)
  const places = [...routers.map((_, i) => `10.0.1.${i + 1}`), '10.0.0.2']
  for (const [i, station] of [client, ...routers].entries()) route(station, must(places[i]))
  const seen: Datagram[] = []
  hosts.pass = one => seen.push({ ...one, bytes: one.bytes.slice() }) > 0
  return { hosts, client, routers, server, echo, seen }
}

describe('a router', () => {
  test('forwards the SYN of the prototype, to the byte', () => {
    const [got, sent] = [1, 2].map(n =>
      must(captured.find(one => one.file === 'salfwd-B' && one.number === n)),
    )
    const hosts = new Hosts()
    const router = hosts.addRouter(['10.1.0.2'])
    route(router, '10.3.0.3')
    const at = (address: number) => fromIPv4(address, 54325)
    router.host.receive(
      [{ from: at(must(got).source), to: at(must(got).destination), bytes: must(got).bytes }],
      0,
    )
    const [only] = router.host.flush(0)
    expect(only).toMatchObject({ from: at(must(got).destination), to: at(must(sent).destination) })
    // Except for the checksum: the prototype keeps the IP source, and this router sends from its own address.
    const check = frameOf(must(only).bytes).payload + 16
    const expected = Buffer.from(must(sent).bytes)
    expected.writeUInt16BE(
      adjustChecksum(read16(must(sent).bytes, check), must(got).source, must(got).destination),
      check,
    )
    expect(Buffer.from(must(only).bytes)).toEqual(expected)
    expect(router.host.counters).toMatchObject({ received: 1, forwarded: 1, sent: 1 })
  })

  test.for([1, 2, 3])('in a row of %i leads to the server, and is not on the path afterwards', count => {
    const { hosts, client, routers, server, echo, seen } = row(count)
    const flow = ask(client, hosts)
    hosts.run(500)
    const [peer] = echo.accepted
    expect([flow.connection, peer?.connection]).toEqual([CONNECTION.CONNECTED, CONNECTION.CONNECTED])
    expect([flow.peer, must(peer).peer]).toEqual([server.host.addresses[0], client.host.addresses[0]])
    const path = ['10.0.0.1', ...routers.map((_, i) => `10.0.1.${i + 1}`)].map(ip)
    const syns = seen.filter(one => kind(one) === SYN).map(({ bytes }) => outgoingOf(frameOf(bytes)).sources)
    expect(syns).toEqual([[], ...routers.map((_, i) => path.slice(0, i + 2))])
    const synack = must(seen.find(one => kind(one) === SYNACK))
    expect(outgoingOf(frameOf(synack.bytes)).sources).toEqual([...path, ip('10.0.0.2')])
    const before = routers.map(({ host }) => host.counters.received)
    say(flow, 'straight')
    hosts.run(600)
    expect(hear(must(peer))).toBe('straight')
    expect(routers.map(({ host }) => host.counters.received)).toEqual(before)
    expect(routers.map(({ host }) => [host.flowCount, host.counters.forwarded])).toEqual(
      routers.map(() => [0, 1]),
    )
  })

  test('forwards a repeated SYN: the server recognizes it, and answers the same', () => {
    const { hosts, client, echo, seen } = row(2)
    hosts.pass = one =>
      seen.push(one) > 0 && (kind(one) !== SYNACK || seen.filter(s => kind(s) === SYNACK).length > 1)
    const flow = ask(client, hosts)
    hosts.run(5000)
    expect([flow.connection, echo.accepted.length]).toEqual([CONNECTION.CONNECTED, 1])
    const [first, second] = seen.filter(one => kind(one) === SYNACK).map(({ bytes }) => Buffer.from(bytes))
    expect(second).toEqual(first)
  })

  test('spreads flows by weight', () => {
    const hosts = new Hosts()
    const client = hosts.add(['10.0.0.1'])
    const router = hosts.addRouter(['10.0.1.1'])
    route(client, '10.0.1.1')
    const servers = [1, 3].map(weight => {
      const server = hosts.add([`10.0.2.${weight}`])
      route(router, `10.0.2.${weight}`, 'acme', weight)
      return listen(server, 1000)
    })
    for (let i = 0; i < 400; i++) ask(client, hosts)
    hosts.run(900)
    const [few, many] = servers.map(({ accepted }) => accepted.length) as [number, number]
    expect(few + many).toBe(400)
    expect(few).toBeGreaterThan(60)
    expect(few).toBeLessThan(140)
  })

  test.for([
    [2, 5],
    [MOST_HOPS, LONGEST_MESSAGE],
  ] as const)('%i in a row forward a datagram of %i bytes without a connection', ([count, length]) => {
    const { hosts, client, server, routers, echo } = row(count)
    const heard: Unconnected[] = []
    server.host.unlisten(echo.listener, hosts.now)
    server.host.listen(prefixOfId(ECHO), {
      transport: () => undefined,
      onReady: () => {},
      onUnconnected: one => heard.push(one),
    })
    const message = new Uint8Array(length).fill(7)
    const source = serviceIdOf('acme/asker')
    const [from, to] = [must(client.host.addresses[0]), must(must(routers[0]).host.addresses[0])]
    client.host.packets.add(encodeUnconnected({ from, to, service: ECHO, source, message }))
    hosts.run(100)
    expect(heard).toEqual([
      { from, to: server.host.addresses[0], service: ECHO, source, message, srcFlow: 0 },
    ])
  })

  test('without a rule refuses, and the client gets the RST directly', () => {
    const { hosts, client, routers, seen } = row(2)
    must(routers[1]).host.services.remove(servicePrefixOf('*'), {
      kind: 'forward',
      address: parseAddress('10.0.0.2'),
    })
    const told = notices(ask(client, hosts))
    hosts.run(100)
    expect(told).toEqual(['refused'])
    const [rst] = seen.filter(one => kind(one) === RST)
    expect(rst).toMatchObject({ from: parseAddress('10.0.1.2'), to: client.host.addresses[0] })
  })
})

describe('a server behind routers', () => {
  const at = (text: string) => parseAddress(text)

  /** Returns what it sends for a SYN from 10.0.0.1 that `change` has modified. */
  const answersTo = (change: (syn: Datagram) => Datagram, address = '10.0.0.1:40000') => {
    const hosts = new Hosts()
    const client = hosts.add([address])
    const server = hosts.add(['10.0.0.2'])
    listen(server)
    client.host.connect({ service: ECHO, transport: new DatagramTransport(), via: at('10.0.1.1') }, 0)
    const [syn] = client.host.flush(0)
    server.host.receive([change(must(syn))], 0)
    return { server, answers: server.host.flush(0) }
  }

  const byPrototype = ({ from, to, bytes }: Datagram, next = '10.0.0.2'): Datagram => {
    const made = prototypeForwards({ source: ipOf(from), destination: ipOf(to), bytes }, ip(next))
    return { from, to: at(next), bytes: made.bytes }
  }

  test('does not mistake bytes that a prototype router leaves in SOURCE for a port', () => {
    const { answers } = answersTo(syn => byPrototype(syn))
    expect(answers.map(one => [kind(one), one.to])).toEqual([[SYNACK, at('10.0.0.1')]])
  })

  test('answers to the port that the first of our routers wrote, whatever routers follow', () => {
    for (const rest of [[], ['ours'], ['prototype'], ['ours', 'prototype'], ['prototype', 'ours']]) {
      const { answers } = answersTo(syn => {
        let one = syn
        for (const [i, kind] of ['ours', ...rest].entries()) {
          const next = i === rest.length ? '10.0.0.2' : `10.0.1.${i + 2}`
          if (kind === 'prototype') one = byPrototype(one, next)
          else {
            const router = new Hosts().addRouter([`10.0.1.${i + 1}`])
            route(router, next)
            router.host.receive([one], 0)
            one = must(router.host.flush(0)[0])
          }
        }
        return one
      })
      expect(
        answers.map(one => [kind(one), one.to]),
        rest.join(),
      ).toEqual([[SYNACK, at('10.0.0.1:40000')]])
    }
  })

  test('accepts the checksum of the IP source or of the origin, and no other', () => {
    const sealedFor = (source: string) => (syn: Datagram) => {
      const { bytes } = byPrototype(syn)
      const check = frameOf(bytes).payload + 6
      write16(bytes, check, adjustChecksum(read16(bytes, check), ip('10.0.0.1'), ip(source)))
      return { from: at('10.0.1.1'), to: at('10.0.0.2'), bytes }
    }
    const taken = ['10.0.1.1', '10.0.0.1', '10.0.9.9'].map(source => answersTo(sealedFor(source)))
    expect(taken.map(({ answers }) => answers.length)).toEqual([1, 1, 0])
    expect(must(taken[2]).server.host.counters.corrupt).toBe(1)
  })
})

describe('a packet is counted, and not forwarded,', () => {
  /** Returns the counters of the row's last router after a SYN. */
  const countersOf = (count: number, change: (made: ReturnType<typeof row>) => void, limits = {}) => {
    const made = row(count, limits)
    change(made)
    ask(made.client, made.hosts)
    made.hosts.run(500)
    expect(made.echo.accepted).toEqual([])
    return must(made.routers.at(-1)).host.counters
  }

  test('after the maximum number of routers', () => {
    expect(countersOf(3, () => {}, { hops: 2 })).toMatchObject({ hopsSpent: 1, forwarded: 0 })
  })

  test('in a ring of routers, in either direction', () => {
    for (const back of ['10.0.1.1', '10.0.1.2', '10.0.0.1:40000', '10.0.1.3'])
      expect(
        countersOf(3, ({ routers }) => route(must(routers[2]), back, 'acme')),
        back,
      ).toMatchObject({ looped: 1, forwarded: 0 })
  })

  test('that was here already, even if only SOURCE says so', () => {
    const { hosts, client, routers } = row(2)
    // The second router sends back to another address of the first, which it cannot recognize.
    must(routers[0]).link.add(parseAddress('10.0.9.9'))
    route(must(routers[1]), '10.0.9.9', 'acme')
    ask(client, hosts)
    hosts.run(500)
    expect(routers.map(({ host }) => [host.counters.forwarded, host.counters.looped])).toEqual([
      [1, 1],
      [1, 0],
    ])
  })

  test('to IPv6, or to an unreachable address', () => {
    const to6 = countersOf(1, ({ routers }) => {
      must(routers[0]).link.add(parseAddress('[fd00::1]'))
      route(must(routers[0]), '[fd00::2]', 'acme')
    })
    expect(to6).toMatchObject({ unsourced: 1, forwarded: 0 })
  })

  test('if the rule drops it', () => {
    const dropped = countersOf(1, ({ routers }) =>
      must(routers[0]).host.services.add(prefixOfId(ECHO), { kind: 'drop' }, 1, 1),
    )
    expect(dropped).toMatchObject({ denied: 1, forwarded: 0 })
  })

  test('if SOURCE would make it too long', () => {
    const { hosts, client, routers } = row(1)
    const [from, to] = [must(client.host.addresses[0]), must(must(routers[0]).host.addresses[0])]
    // The client's port is not the default: 24 bytes of ADDRESS, and 12 of SOURCE.
    const room = client.link.mtu - 96
    for (const length of [room - 32, room - 31])
      client.host.packets.add(
        encodeUnconnected({ from, to, service: ECHO, source: ECHO, message: new Uint8Array(length) }),
      )
    hosts.run(100)
    expect(must(routers[0]).host.counters).toMatchObject({ forwarded: 1, tooLong: 1 })
  })

  test('if its SOURCE names an address of several hosts', () => {
    const { hosts, client, server, seen } = row(1)
    hosts.broadcastAt('10.0.0.255')
    ask(client, hosts)
    hosts.run(15)
    const { from, to, bytes } = must(seen.filter(one => kind(one) === SYN)[1])
    for (const place of ['224.0.0.1', '255.255.255.255', '0.0.0.0', '10.0.0.255']) {
      const forged = bytes.slice()
      const { sources } = frameOf(bytes)
      write32(forged, sources, ip(place))
      forged.fill(0, CHECK_OFFSET, CHECK_OFFSET + 2)
      seal(forged, 0, 4 * must(forged[8]), CHECK_OFFSET, 0)
      server.host.receive([{ from, to, bytes: forged }], hosts.now)
    }
    expect(server.host.counters).toMatchObject({ malformed: 4, unserved: 0 })
    expect(server.host.flowCount).toBe(0)
  })

  test('on a host that is not a router', () => {
    const { hosts, client, server, echo } = row(0)
    server.host.unlisten(echo.listener, hosts.now)
    route(server, '10.0.0.9')
    const told = notices(ask(client, hosts))
    hosts.run(100)
    expect([told, server.host.counters.unserved]).toEqual([['refused'], 1])
  })
})

describe('a broadcast request', () => {
  const crowd = () => {
    const hosts = new Hosts()
    const client = hosts.add(['10.0.0.1'])
    const others = [hosts.add(['10.0.0.2']), hosts.add(['10.0.0.3']), hosts.addRouter(['10.0.0.4'])]
    hosts.broadcastAt('10.0.0.255')
    route(client, '10.0.0.255')
    route(must(others[2]), '10.0.0.3')
    const seen: Datagram[] = []
    hosts.pass = one => seen.push(one) > 0
    return { hosts, client, others, seen }
  }

  test('is answered by the host with the service, from its own address; all others are silent', () => {
    const { hosts, client, others, seen } = crowd()
    const echo = listen(must(others[1]))
    const flow = ask(client, hosts)
    hosts.run(500)
    expect([flow.connection, flow.peer]).toEqual([CONNECTION.CONNECTED, parseAddress('10.0.0.3')])
    say(flow, 'hello')
    hosts.run(600)
    expect(hear(must(echo.accepted[0]))).toBe('hello')
    expect(seen.filter(one => kind(one) === RST)).toEqual([])
    expect(others.map(({ host }) => host.counters.notMeant)).toEqual([1, 0, 1])
    expect(must(others[2]).host.counters.forwarded).toBe(0)
  })

  test('gives the flow to the first of several hosts that answer; the others get a RST', () => {
    const { hosts, client, others } = crowd()
    const echoes = [listen(must(others[0])), listen(must(others[1]))]
    const flow = ask(client, hosts)
    hosts.run(500)
    const states = echoes.map(({ accepted }) => accepted.map(({ connection }) => connection))
    expect(states.flat()).toEqual([CONNECTION.CONNECTED])
    expect(others.map(({ host }) => host.flowCount).sort()).toEqual([0, 0, 1])
    say(flow, 'hello')
    hosts.run(600)
    expect(echoes.flatMap(({ accepted }) => accepted).map(hear)).toEqual(['hello'])
  })

  test('gets no answer, and leaves no state, on a host without a usable address', () => {
    const { hosts, client, others } = crowd()
    listen(must(others[1]))
    must(others[1]).link.remove(parseAddress('10.0.0.3'))
    ask(client, hosts)
    hosts.run(500)
    expect([must(others[1]).host.flowCount, must(others[1]).host.counters.unreachable]).toEqual([0, 1])
  })

  test('other than a first packet is ignored, without a RST', () => {
    const { hosts, client, others, seen } = crowd()
    const echo = listen(must(others[0]))
    ask(client, hosts)
    hosts.run(500)
    const count = seen.length
    for (const one of [...seen])
      client.link.send([
        { ...one, from: parseAddress('10.0.0.1'), to: parseAddress('10.0.0.255'), bytes: one.bytes.slice() },
      ])
    hosts.run(600)
    expect(seen.slice(count).filter(one => kind(one) === RST)).toEqual([])
    expect(echo.accepted.length).toBe(1)
  })
})
