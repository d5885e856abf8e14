import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { RSYN } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../../spec/machines/flow/states.ts'
import { NOT_THE_HOLDER, STALE } from '../../../spec/machines/rendezvous/reasons.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { isIPv4, parseAddress } from '../../link/address.ts'
import type { Address, Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { encodeUnconnected, type Unconnected } from '../paths/unconnected.ts'
import { seededRandom } from '../random/random.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { ECHO, hear, kind, listen, notices, say } from '../testing/echo.ts'
import { Hosts, type Station } from '../testing/hosts.ts'
import { Announcer } from './announcer.ts'
import * as messages from './messages.ts'
import { LEASE_MS, Rendezvous } from './rendezvous.ts'

const at = (text: string): Address => parseAddress(text)
const MEETING = at('10.0.9.9')
const MEETING6 = at('fd00::9')

const frame = newFrame()

/** Client and server with two addresses each, a flow between them, and a rendezvous that knows both. */
function met(isMeeting = true, port = '') {
  const hosts = new Hosts()
  const middle = hosts.add(['10.0.9.9'])
  const rendezvous = new Rendezvous(middle.host, seededRandom(90))
  const client = hosts.add(['10.0.0.1', `10.0.1.1${port}`])
  const server = hosts.add(['10.0.0.2', `10.0.1.2${port}`])
  const ends = isMeeting ? [client, server] : []
  const announcers = ends.map(({ host, link }, i) => {
    const announcer = new Announcer(host, MEETING, seededRandom(91 + i))
    link.changed(now => {
      host.setAddresses(now)
      announcer.follow(hosts.now)
    })
    announcer.follow(hosts.now)
    return announcer
  })
  const echo = listen(server)
  const flow = client.host.connect(
    { service: ECHO, transport: new DatagramTransport(), via: at('10.0.0.2') },
    hosts.now,
  )
  hosts.run(500)
  return { hosts, middle, rendezvous, client, server, announcers, flow, peer: must(echo.accepted[0]) }
}

/** Removes the address that the flow uses at both ends, at the same time. */
function both({ hosts, client, server, flow, peer }: ReturnType<typeof met>, port = '') {
  for (const [{ host, link }, one, gone, next] of [
    [client, flow, '10.0.0.1', `10.0.1.1${port}`],
    [server, peer, '10.0.0.2', `10.0.1.2${port}`],
  ] as const) {
    link.remove(at(gone))
    host.migrate(one, at(next), hosts.now)
  }
}

describe('when both ends move at once and both old addresses disappear', () => {
  test('the flow survives, through a rendezvous that only sees retransmissions of the move', () => {
    const all = met()
    const { hosts, middle, flow, peer } = all
    expect(all.announcers.map(({ isKnown }) => isKnown)).toEqual([true, true])
    const told = [notices(flow), notices(peer)]
    const relayed: Datagram[] = []
    hosts.pass = (one, from) => {
      if (from === middle && kind(one) === RSYN) relayed.push(one)
      return true
    }
    both(all)
    hosts.run(10_000)
    say(flow, 'from the client')
    say(peer, 'from the server')
    hosts.run(10_100)
    expect([hear(peer), hear(flow)]).toEqual(['from the client', 'from the server'])
    expect([flow.local, flow.peer]).toEqual([at('10.0.1.1'), at('10.0.1.2')])
    expect([peer.local, peer.peer]).toEqual([flow.peer, flow.local])
    for (const one of [flow, peer])
      expect([one.connection, one.migration, one.state.owed]).toEqual([
        CONNECTION.CONNECTED,
        MIGRATION.INITIAL,
        0,
      ])
    expect(told.map(seen => [...seen].sort())).toEqual([
      ['moved', 'peer moved'],
      ['moved', 'peer moved'],
    ])
    expect(relayed.length).toBeGreaterThan(0)
    expect(middle.host.counters.relayed).toBe(relayed.length)
    expect(middle.host.counters.notRelayed).toBe(0)
  })

  test('the flow survives with UDP ports other than the default', () => {
    const all = met(true, ':40000')
    both(all, ':40000')
    all.hosts.run(10_000)
    expect([all.flow.local, all.flow.peer]).toEqual([at('10.0.1.1:40000'), at('10.0.1.2:40000')])
    expect([all.peer.local, all.peer.peer]).toEqual([all.flow.peer, all.flow.local])
  })

  test('without a rendezvous both ends give up, and the flow keeps its dead addresses', () => {
    const all = met(false)
    const told = [notices(all.flow), notices(all.peer)]
    both(all)
    all.hosts.run(3_600_000)
    expect(told).toEqual([['move failed'], ['move failed']])
  })

  test('repeatedly', () => {
    const all = met()
    const { hosts, client, server, flow, peer } = all
    let [mine, theirs] = [1, 1]
    for (let i = 2; i < 12; i++) {
      for (const [{ link, host }, one, end] of [
        [client, flow, 1],
        [server, peer, 2],
      ] as const) {
        const old = one.local
        link.add(at(`10.0.${i}.${end}`))
        for (const address of link.addresses()) if (address !== at(`10.0.${i}.${end}`)) link.remove(address)
        expect(link.addresses()).not.toContain(old)
        host.migrate(one, at(`10.0.${i}.${end}`), hosts.now)
      }
      mine = i
      theirs = i
      hosts.run(hosts.now + 20_000)
      expect([flow.local, flow.peer]).toEqual([at(`10.0.${mine}.1`), at(`10.0.${theirs}.2`)])
    }
    expect(all.middle.host.counters.notRelayed).toBe(0)
  })
})

/** A host that sends messages by hand to a rendezvous, and its answers. */
function talking() {
  const hosts = new Hosts()
  const middle = hosts.add(['10.0.9.9', 'fd00::9'])
  const rendezvous = new Rendezvous(middle.host, seededRandom(90))
  const answers: messages.Message[] = []
  const source = serviceIdOf('test/answers')
  const station = (address: string): Station => {
    const one = hosts.add([address])
    one.host.listen(prefixOfId(source), {
      transport: () => undefined,
      onReady: () => {},
      onUnconnected: ({ message }: Unconnected) => answers.push(must(messages.decodeMessage(message))),
    })
    return one
  }
  const send = (from: Station, message: Uint8Array): void => {
    const own = must(from.host.addresses[0])
    const to = isIPv4(own) ? MEETING : MEETING6
    const datagram = { from: own, to, service: messages.RENDEZVOUS_SERVICE }
    from.host.packets.add(encodeUnconnected({ ...datagram, source, message }))
    hosts.run(hosts.now + 50)
  }
  /** Returns the answer to an announcement. */
  const bind = (from: Station, about: Partial<messages.Message>): messages.Message => {
    answers.length = 0
    const message = {
      ...messages.NO_MESSAGE,
      kind: messages.BIND,
      home: must(from.host.addresses[0]),
      ...about,
    }
    send(from, messages.encodeMessage(message))
    expect(answers.length).toBe(1)
    return must(answers[0])
  }
  /** Proves its address, and gets a binding. */
  const settle = (from: Station, holder: number, version: number) => {
    const { kind, tokenHigh, tokenLow } = bind(from, { holder, version })
    expect(kind).toBe(messages.SHOW)
    return bind(from, { holder, version, tokenHigh, tokenLow })
  }
  return { hosts, middle, rendezvous, answers, station, send, bind, settle }
}

describe('a rendezvous', () => {
  test('accepts only a host that has proved its current and its former address', () => {
    const { middle, rendezvous, station, bind, settle } = talking()
    const [honest, thief] = [station('10.0.0.1'), station('10.0.0.66')]
    const home = at('10.0.0.1')
    expect(bind(thief, { home, holder: 66, version: 9 })).toMatchObject({
      ...{ kind: messages.REFUSED, reason: NOT_THE_HOLDER },
    })
    expect(rendezvous.size).toBe(0)
    expect(settle(honest, 7, 1)).toMatchObject({ kind: messages.BOUND, leaseMs: LEASE_MS })
    for (const holder of [0, 8, 66])
      expect(bind(thief, { home, holder, version: 9 })).toMatchObject({ kind: messages.REFUSED })
    // Not even from there: another host holds it.
    const { tokenHigh, tokenLow } = bind(honest, { holder: 8, version: 1 })
    expect(bind(honest, { holder: 8, version: 1, tokenHigh, tokenLow })).toMatchObject({
      ...{ kind: messages.REFUSED, reason: NOT_THE_HOLDER },
    })
    expect(middle.host.counters.notBound).toBe(5)
  })

  test('sends an address that only SOURCE names one answer, no longer than the announcement (invariant 54)', () => {
    const { hosts, middle, station } = talking()
    const [attacker, victim] = [station('10.0.0.66'), at('10.0.0.77')]
    const sent: Datagram[] = []
    hosts.pass = (one, from) => {
      if (from === middle) sent.push(one)
      return true
    }
    const lengths = [victim, at('10.0.0.1')].map(home => {
      const message = messages.encodeMessage({ ...messages.NO_MESSAGE, kind: messages.BIND, home, holder: 7 })
      const { addresses, packets } = attacker.host
      const [own] = addresses
      const ends = { from: victim, to: must(own), service: messages.RENDEZVOUS_SERVICE, source: ECHO }
      const { bytes } = encodeUnconnected({ ...ends, message })
      decodeFrame(bytes, 0, bytes.length, frame)
      packets.forward(frame, victim, must(own), MEETING, must(own))
      const { length } = must(packets.last).bytes
      hosts.run(hosts.now + 50)
      return length
    })
    expect(sent.map(({ to }) => to)).toEqual([victim, victim])
    for (const [i, { bytes }] of sent.entries()) expect(bytes.length).toBeLessThanOrEqual(must(lengths[i]))
  })

  test('accepts the newest announcement, keeps each binding until its lease ends, and then frees the address', () => {
    const { hosts, station, bind, settle } = talking()
    const [first, moved] = [station('10.0.0.1'), station('10.0.1.1')]
    const home = at('10.0.0.1')
    settle(first, 7, 5)
    expect(bind(moved, { home, holder: 7, version: 6 })).toMatchObject({ kind: messages.BOUND })
    expect(bind(first, { holder: 7, version: 5 })).toMatchObject({
      ...{ kind: messages.REFUSED, reason: STALE },
    })
    hosts.run(hosts.now + LEASE_MS + 1)
    expect(bind(first, { holder: 7, version: 5 })).toMatchObject({ kind: messages.REFUSED })
    expect(settle(first, 8, 1)).toMatchObject({ kind: messages.BOUND })
    expect(bind(moved, { home, holder: 7, version: 7 })).toMatchObject({ kind: messages.REFUSED })
  })

  test('relays nothing to an unknown address, and nothing but packets of moves', () => {
    const { hosts, middle, station, send, settle } = talking()
    const [one, other] = [station('10.0.0.1'), station('10.0.0.2')]
    const packets: Uint8Array[] = []
    // A flow, and everything that it sends.
    const echo = listen(other)
    hosts.pass = ({ bytes }) => packets.push(bytes.slice()) > 0
    const flow = one.host.connect(
      { service: ECHO, transport: new DatagramTransport(), via: at('10.0.0.2') },
      hosts.now,
    )
    say(flow, 'hello')
    hosts.run(hosts.now + 100)
    one.host.finish(flow, hosts.now)
    hosts.run(hosts.now + 100)
    one.host.abort(must(echo.accepted[0]), hosts.now)
    hosts.pass = () => true
    const sent = packets.slice()
    expect(sent.length).toBeGreaterThan(5)
    for (const bytes of sent) send(one, messages.encodeRelay(at('10.0.0.2'), bytes))
    expect(middle.host.counters).toMatchObject({ relayed: 0, notRelayed: sent.length })
    settle(other, 3, 1)
    // Relays no packet of a flow that does not move, above all no ACK.
    for (const bytes of sent) send(one, messages.encodeRelay(at('10.0.0.2'), bytes))
    expect(middle.host.counters).toMatchObject({ relayed: 0, notRelayed: 2 * sent.length })
  })

  test('is IPv4 only: it ignores other hosts, and announcements of other addresses', () => {
    const { middle, rendezvous, station, send, settle } = talking()
    const [one, other] = [station('10.0.0.1'), station('fd00::1')]
    settle(one, 7, 1)
    const { sent, unsourced } = middle.host.counters
    send(other, messages.encodeMessage({ ...messages.NO_MESSAGE, kind: messages.BIND, home: at('10.0.0.1') }))
    send(other, messages.encodeRelay(at('10.0.0.1'), new Uint8Array(32)))
    expect(rendezvous.size).toBe(1)
    expect(middle.host.counters).toMatchObject({ sent, unsourced: unsourced + 2, malformed: 0, notBound: 0 })
    expect(() => new Announcer(one.host, MEETING6, seededRandom(1))).toThrow('LINK_ADDRESS')
    expect(one.host.places.rendezvous).toBe(0)
  })

  test.prop([fc.uint8Array({ maxLength: 80 })])('survives any message', bytes => {
    const { middle, rendezvous, station, send, settle } = talking()
    const one = station('10.0.0.1')
    send(one, bytes)
    expect(rendezvous.size).toBe(0)
    expect(settle(one, 3, 1)).toMatchObject({ kind: messages.BOUND })
    expect(middle.host.counters.relayed).toBe(0)
  })
})

test('no answer is longer than its message, and messages survive the round trip', () => {
  const message = {
    ...{ kind: 1, reason: 2, version: 0xffff_fffe, holder: 2 ** 48 - 1, home: at('192.0.2.1:65535') },
    ...{ tokenHigh: 0xffff_ffff, tokenLow: 1, leaseMs: 60_000 },
  }
  const bytes = messages.encodeMessage(message)
  expect(bytes.length).toBe(messages.MESSAGE_BYTES)
  expect(messages.decodeMessage(bytes)).toEqual(message)
  expect(messages.decodeMessage(bytes.subarray(1))).toBeUndefined()
})
