/** Hosts behind address translators, in virtual time. */

import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { CAPABILITIES, SEVERAL_FLOWS } from '../../../spec/machines/flow/capabilities.ts'
import { SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../../spec/machines/flow/states.ts'
import { frameOf } from '../../../spec/wire/testing/again.ts'
import { ipOf, parseAddress } from '../../link/address.ts'
import type { NatOptions } from '../../link/nat.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { Stream } from '../../transport/stream/stream.ts'
import type { Flow } from '../flows/flow.ts'
import { prefixOfId } from '../services/serviceId.ts'
import { ECHO, hear, kind, listen, say } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'

/** The hosts have no owner of connections with several flows. */
const PLAIN = CAPABILITIES - SEVERAL_FLOWS

const SERVER = '198.51.100.9'
/** Two networks of a client, each behind a translator of its own. */
const WIFI = ['192.168.1.2', '203.0.113.1'] as const
const MOBILE = ['10.64.0.2', '203.0.113.77'] as const

function scene(options: NatOptions = {}) {
  const hosts = new Hosts()
  const client = hosts.addBehindNat([WIFI, MOBILE], options)
  const server = hosts.add([SERVER])
  const { accepted } = listen(server)
  const connect = () => {
    const transport = new DatagramTransport()
    const flow = client.host.connect({ service: ECHO, transport, via: parseAddress(SERVER) }, hosts.now)
    hosts.run(hosts.now + 100)
    return flow
  }
  return { hosts, client, server, accepted, connect }
}

const ipText = (text: string): number => ipOf(parseAddress(text))

test('a client connects, and data flows in both directions', () => {
  const { hosts, server, accepted, connect } = scene()
  const flow = connect()
  const served = at(accepted, 0)
  say(flow, 'a question')
  say(served, 'an answer')
  hosts.run(hosts.now + 100)
  expect([hear(served), hear(flow)]).toEqual(['a question', 'an answer'])
  expect([flow, served].map(({ state }) => state.capabilities)).toEqual([PLAIN, PLAIN])
  // Answers go to where the packets come from.
  expect(ipOf(served.peer)).toBe(ipText(WIFI[1]))
  expect(server.host.counters.corrupt).toBe(0)
})

test('a move to another network behind another translator succeeds', () => {
  const { hosts, client, accepted, connect } = scene()
  const flow = connect()
  const served = at(accepted, 0)
  client.host.migrate(flow, parseAddress(MOBILE[0]), hosts.now)
  hosts.run(hosts.now + 100)
  say(flow, 'from there')
  say(served, 'to there')
  hosts.run(hosts.now + 100)
  expect(ipOf(served.peer)).toBe(ipText(MOBILE[1]))
  expect([hear(served), hear(flow)]).toEqual(['from there', 'to there'])
  expect([flow, served].map(({ migration }) => migration)).toEqual([MIGRATION.INITIAL, MIGRATION.INITIAL])
})

test('a flooded listener, which keeps nothing of the SYN, takes the capabilities from the ACK', () => {
  const { hosts, server, connect } = scene()
  for (let i = 0; i < 200; i++) {
    const other = hosts.add([`198.51.100.${10 + (i % 200)}`])
    const transport = new DatagramTransport()
    other.host.connect({ service: ECHO, transport, via: parseAddress(SERVER) }, hosts.now)
    // The flood hears no answer.
    server.host.receive(other.host.flush(hosts.now), hosts.now)
  }
  hosts.pass = ({ to }) => ipOf(to) >>> 8 !== ipText('198.51.100.0') >>> 8 || to === parseAddress(SERVER)
  const flow = connect()
  expect(server.host.counters.confirmed).toBe(1)
  say(flow, 'still here')
  hosts.run(hosts.now + 100)
  const served = must(server.host.flows().find(({ peer }) => ipOf(peer) === ipText(WIFI[1])))
  expect([hear(served), served.state.capabilities]).toEqual(['still here', PLAIN])
})

test('a stream of many segments arrives', () => {
  const hosts = new Hosts()
  const client = hosts.addBehindNat([WIFI])
  const server = hosts.add([SERVER])
  const mss = 1400
  const streams: Stream[] = []
  server.host.listen(prefixOfId(ECHO), {
    transport: () => {
      streams.push(new Stream({ initialSequence: 7, mss }))
      return at(streams, 0)
    },
    onReady: ready => server.host.accept(ready),
  })
  const transport = new Stream({ initialSequence: 9, mss })
  client.host.connect({ service: ECHO, transport, via: parseAddress(SERVER) }, hosts.now)
  hosts.run(100)
  const text = new Uint8Array(50_000).map((_, i) => i)
  transport.write(text)
  const got: number[] = []
  for (let i = 0; i < 50; i++) {
    hosts.run(hosts.now + 100)
    for (let piece = at(streams, 0).read(); piece !== undefined; piece = at(streams, 0).read())
      got.push(...piece)
  }
  expect(Buffer.from(got).equals(Buffer.from(text))).toBe(true)
})

/** A client behind a translator with a stream to a server that collects what arrives. */
function streaming(options: NatOptions = {}) {
  const hosts = new Hosts(1, 20)
  const client = hosts.addBehindNat([WIFI, MOBILE], options)
  const server = hosts.add([SERVER])
  const mss = 1400
  const served = new Stream({ initialSequence: 7, mss })
  let flow: Flow | undefined
  server.host.listen(prefixOfId(ECHO), {
    transport: () => served,
    onReady: ready => {
      flow = server.host.accept(ready)
    },
  })
  const stream = new Stream({ initialSequence: 9, mss })
  const own = client.host.connect({ service: ECHO, transport: stream, via: parseAddress(SERVER) }, hosts.now)
  hosts.run(100)
  const read = (from: Stream): string => {
    let text = ''
    for (let piece = from.read(); piece !== undefined; piece = from.read())
      text += Buffer.from(piece).toString()
    return text
  }
  return { hosts, client, server, stream, served, own, peer: must(flow), read }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a translator that forgets the flow', () => {
  test.each([
    'none',
    'address and port',
  ] as const)('and shows it elsewhere, with a filter by %s: data arrives within a second of the next write', filtering => {
    const { hosts, client, stream, served, own, peer, read } = streaming({ filtering })
    stream.write(bytesOf('before '))
    hosts.run(hosts.now + 200)
    const { peer: old } = peer
    client.link.rebind()
    stream.write(bytesOf('after'))
    const writtenMs = hosts.now
    hosts.run(writtenMs + 1000)
    expect(read(served)).toBe('before after')
    expect([peer.peer === old, ipOf(peer.peer)]).toEqual([false, ipText(WIFI[1])])
    expect(client.host.counters.announced).toBe(1)
    // The server reaches it again.
    served.write(bytesOf('answer'))
    hosts.run(hosts.now + 200)
    expect(read(stream)).toBe('answer')
    expect([own, peer].map(({ migration }) => migration)).toEqual([MIGRATION.INITIAL, MIGRATION.INITIAL])
  })

  test('in the middle of a download: a client that writes nothing notices within a second', () => {
    const { hosts, client, stream, served, read } = streaming({ filtering: 'address and port' })
    const talk = (ms: number): number => {
      let count = 0
      for (const untilMs = hosts.now + ms; hosts.now < untilMs; count += read(stream).length) {
        served.write(new Uint8Array(5000))
        hosts.run(hosts.now + 10)
      }
      return count
    }
    expect(talk(1000)).toBeGreaterThan(400_000)
    client.link.rebind()
    expect(talk(700)).toBeLessThan(30_000)
    expect(talk(300)).toBeGreaterThan(100_000)
    expect(client.host.counters.announced).toBe(1)
  })

  test('while it moves, and after', () => {
    const { hosts, client, stream, served, own, peer, read } = streaming()
    client.host.migrate(own, parseAddress(MOBILE[0]), hosts.now)
    hosts.run(hosts.now + 10)
    client.link.rebind()
    stream.write(bytesOf('moved '))
    hosts.run(hosts.now + 10_000)
    client.link.rebind()
    stream.write(bytesOf('and forgotten'))
    hosts.run(hosts.now + 1500)
    expect(read(served)).toBe('moved and forgotten')
    expect(ipOf(peer.peer)).toBe(ipText(MOBILE[1]))
  })

  test('after silence: a mapping expires, and the next write finds another', () => {
    const { hosts, stream, served, read } = streaming({ lifetimeMs: 30_000 })
    for (const text of ['one ', 'two ', 'three']) {
      hosts.run(hosts.now + 60_000)
      stream.write(bytesOf(text))
      hosts.run(hosts.now + 1000)
    }
    expect(read(served)).toBe('one two three')
  })
})

test('without a translator a client announces nothing, however silent the path', () => {
  const hosts = new Hosts()
  const client = hosts.add(['198.51.100.8'])
  const server = hosts.add([SERVER])
  server.host.listen(prefixOfId(ECHO), {
    transport: () => new Stream({ initialSequence: 7, mss: 1400 }),
    onReady: ready => server.host.accept(ready),
  })
  const stream = new Stream({ initialSequence: 9, mss: 1400 })
  client.host.connect({ service: ECHO, transport: stream, via: parseAddress(SERVER) }, hosts.now)
  hosts.run(100)
  hosts.pass = () => false
  stream.write(bytesOf('into the void'))
  hosts.run(hosts.now + 10_000)
  expect([client.host.counters.announced, stream.timeouts > 2]).toEqual([0, true])
})

describe('with a prototype', () => {
  test('neither end binds data to flowIDs, and a client without a translator still connects', () => {
    const hosts = new Hosts()
    const client = hosts.add(['198.51.100.8'])
    const server = hosts.add([SERVER])
    server.host.offers = 0
    const { accepted } = listen(server)
    const answers: Uint8Array[] = []
    hosts.pass = datagram => {
      if (kind(datagram) === SYNACK) answers.push(datagram.bytes.slice())
      return true
    }
    const transport = new DatagramTransport()
    const flow = client.host.connect({ service: ECHO, transport, via: parseAddress(SERVER) }, hosts.now)
    hosts.run(100)
    say(flow, 'hello')
    hosts.run(200)
    expect(hear(at(accepted, 0))).toBe('hello')
    expect([flow, at(accepted, 0)].map(({ state }) => state.capabilities)).toEqual([0, 0])
    expect(answers.map(bytes => frameOf(bytes).addresses)).toEqual([-1])
  })

  test('behind a translator a client of a prototype server does not connect', () => {
    const { server, connect } = scene()
    server.host.offers = 0
    // The prototype verifies the addresses that it sees; this one takes the SYN, and answers like a prototype.
    const flow = connect()
    expect(flow.connection).not.toBe(CONNECTION.CONNECTED)
  })
})

test('the handshake says what the checksum covers, and nothing else of the private address', () => {
  const { hosts, connect } = scene()
  const syns: Uint8Array[] = []
  hosts.pass = datagram => {
    if (kind(datagram) === SYN) syns.push(datagram.bytes.slice())
    return true
  }
  connect()
  const { addressSum } = frameOf(at(syns, 0))
  const [one, other] = [ipText(WIFI[0]), ipText(SERVER)]
  const sum = (one >>> 16) + (one & 0xffff) + (other >>> 16) + (other & 0xffff)
  expect(addressSum).toBe((sum & 0xffff) + (sum >>> 16))
  const bytes = Buffer.from(at(syns, 0))
  expect(bytes.includes(Buffer.from([192, 168, 1, 2]))).toBe(false)
})
