/** Hosts that restart, and reset tokens: what the peer of a forgotten flow learns, and what nobody else does. */

import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { DATA, FIN, KINDS, RST, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { encodeHeader, headerBytes } from '../../../spec/wire/header.ts'
import { flagsOf } from '../../../spec/wire/kinds.ts'
import { frameOf, outgoingOf } from '../../../spec/wire/testing/again.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import type { HostOptions } from '../hostOptions.ts'
import { ECHO, kind, listen, notices, say } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'
import type { Flow } from './flow.ts'
import { resetTokens } from './resetTokens.ts'

const [CLIENT, SERVER] = ['10.0.0.1', '10.0.0.2']
const SECRET = new Uint8Array(32).fill(7)
/** Longer than any RST, so that it may be answered. */
const WORDS = 'more than thirty-two bytes of words, to be sure'

/** A client that is connected to a server with this secret. All packets that leave are kept. */
function scene(options: Partial<HostOptions> = { secret: SECRET }) {
  const hosts = new Hosts()
  const client = hosts.add([CLIENT])
  let server = hosts.restart(hosts.add([SERVER]), options)
  const { accepted } = listen(server)
  const sent: Datagram[] = []
  hosts.pass = one => sent.push({ ...one, bytes: one.bytes.slice() }) > 0
  const transport = new DatagramTransport()
  const flow = client.host.connect({ service: ECHO, transport, via: parseAddress(SERVER) }, hosts.now)
  const told = notices(flow)
  hosts.run(100)
  return {
    ...{ hosts, client, flow, told, sent, accepted },
    restart: (next: Partial<HostOptions> = { secret: SECRET }) => {
      server = hosts.restart(server, next)
      return server
    },
    rsts: () => sent.filter(one => kind(one) === RST),
  }
}

describe('the client of a server that has restarted', () => {
  test('learns it within one round trip of its next packet', () => {
    const { hosts, flow, told, restart } = scene()
    restart()
    say(flow, WORDS)
    const askedMs = hosts.now
    hosts.run(askedMs + 20.1)
    expect(told).toEqual(['connected', 'reset'])
  })

  test('learns it by its FIN, and by a move', () => {
    for (const act of ['finish', 'migrate'] as const) {
      const { hosts, client, flow, told, restart } = scene()
      restart()
      if (act === 'finish') client.host.finish(flow, hosts.now)
      else client.host.migrate(flow, parseAddress(CLIENT), hosts.now)
      hosts.run(hosts.now + 25)
      expect(told).toEqual(['connected', 'reset'])
    }
  })

  test.each([
    ['another secret', { secret: new Uint8Array(32).fill(8) }],
    ['no secret', {}],
  ])('believes nobody with %s', (_, next) => {
    const { hosts, flow, told, restart, rsts } = scene()
    restart(next)
    say(flow, WORDS)
    hosts.run(hosts.now + 100)
    expect([told, rsts().length]).toEqual([['connected'], 1])
  })

  test('is not told a token if the server is a prototype', () => {
    const { hosts, flow, told, restart, sent } = scene({ secret: SECRET, offers: 0 })
    restart()
    say(flow, WORDS)
    hosts.run(hosts.now + 100)
    expect(told).toEqual(['connected'])
    expect(sent.filter(one => kind(one) === SYNACK).map(({ bytes }) => frameOf(bytes).token)).toEqual([-1])
  })
})

test('the server of a client that has restarted learns it too', () => {
  const hosts = new Hosts()
  const client = hosts.restart(hosts.add([CLIENT]), { secret: SECRET })
  const { accepted } = listen(hosts.add([SERVER]))
  const transport = new DatagramTransport()
  client.host.connect({ service: ECHO, transport, via: parseAddress(SERVER) }, hosts.now)
  hosts.run(100)
  const told = notices(at(accepted, 0))
  hosts.restart(client, { secret: SECRET })
  say(at(accepted, 0), WORDS)
  hosts.run(120.1)
  expect(told).toEqual(['reset'])
})

describe('a token', () => {
  /** Sends the RST with these fields to a flow, as somebody who knows everything else would. */
  const reset = (flow: Flow, token: { high: number; low: number }, fields = {}): Datagram => {
    const header = {
      ...{ srcFlow: must(flow.state.peerFlow), dstFlow: flow.id, protocol: 17, flags: flagsOf(RST, 0) },
      ...{ verno: 0, ackno: 0, nonceHigh: token.high, nonceLow: token.low, ...fields },
      ...{ service: undefined, sourceService: undefined, sources: [] },
    }
    const bytes = new Uint8Array(headerBytes(header))
    encodeHeader(header, bytes, 0)
    return { from: parseAddress(SERVER), to: parseAddress(CLIENT), bytes }
  }

  test('ends the flow that it belongs to, and no other', () => {
    const { hosts, client, flow, told } = scene()
    const peer = must(flow.state.peerFlow)
    const token = resetTokens(SECRET)(peer, flow.id)
    const tokens = [
      { high: 0, low: 0 },
      { ...token, low: token.low ^ 1 },
      resetTokens(SECRET)(peer, flow.id + 1),
      resetTokens(SECRET)(flow.id, peer),
    ]
    for (const other of tokens) client.host.receive([reset(flow, other)], hosts.now)
    client.host.receive([reset(flow, token, { srcFlow: peer + 1 })], hosts.now)
    expect(told).toEqual(['connected'])
    client.host.receive([reset(flow, token)], hosts.now)
    expect(told).toEqual(['connected', 'reset'])
  })

  test('travels in the SYN-ACK and the ACK, and in no other packet', () => {
    const { hosts, flow, sent, accepted } = scene()
    say(flow, WORDS)
    say(at(accepted, 0), WORDS)
    hosts.run(hosts.now + 100)
    const tells = sent.filter(({ bytes }) => frameOf(bytes).token >= 0).map(one => KINDS[kind(one)])
    expect(tells).toEqual(['SYNACK', 'ACK'])
    expect(sent.map(kind)).toContain(DATA)
  })

  test('waits for a stateless answer to expire: the ACK of its client may be on its way', () => {
    const { hosts, sent, restart, rsts } = scene()
    const server = restart()
    const id = server.host.flowIds.derived(12345)
    const data = must(sent.find(one => kind(one) === SYNACK))
    const fin = { ...outgoingOf(frameOf(data.bytes)), dstFlow: id, flags: flagsOf(FIN, 0), sources: [] }
    const bytes = new Uint8Array(headerBytes({ ...fin, advertised: undefined }))
    encodeHeader({ ...fin, advertised: undefined }, bytes, 0)
    const ask = () => {
      server.host.receive([{ from: parseAddress(CLIENT), to: parseAddress(SERVER), bytes }], hosts.now)
      hosts.run(hosts.now + 1)
      return rsts().length
    }
    const { answers } = server.host
    answers.answerTo(frameOf(must(sent[0]).bytes), parseAddress(CLIENT), hosts.now)
    expect([ask(), server.host.counters.unissued]).toEqual([0, 1])
    hosts.run(hosts.now + 32_000)
    expect([ask(), server.host.counters.unissued]).toEqual([1, 1])
  })
})

test('a storm of packets for flows of a former life gets a limited number of answers', () => {
  const { hosts, flow, sent, restart, rsts } = scene()
  say(flow, WORDS)
  hosts.run(hosts.now + 100)
  const data = must(sent.findLast(one => kind(one) === DATA))
  const { host } = restart({ secret: SECRET, limits: { strangersAtOnce: 10, strangersPerSecond: 10 } })
  for (let i = 0; i < 1000; i++) host.receive([{ ...data, bytes: data.bytes.slice() }], hosts.now)
  hosts.run(hosts.now + 1)
  expect(rsts().length).toBeLessThanOrEqual(10)
  expect(rsts().every(({ bytes }) => bytes.length <= data.bytes.length)).toBe(true)
})
