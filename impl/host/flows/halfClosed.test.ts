/** Each end closes its own half: its FIN leaves once its own bytes are acknowledged, whatever its peer does. */

import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { ACK, FIN } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { bytesAt } from '../../transport/stream/testing/transfer.ts'
import { seededRandom } from '../random/random.ts'
import { kind } from '../testing/echo.ts'
import { type Half, halves } from '../testing/halves.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Expects that `to` read exactly what `from` wrote. */
const expectAll = (from: Half, to: Half): void => {
  expect(to.heard().equals(bytesAt(0, from.written()))).toBe(true)
  expect(to.ended()).toBe(true)
}

describe('while the server has not finished', () => {
  test("the client's FIN leaves in the round trip after its stream was acknowledged", () => {
    const { hosts, client, server } = halves()
    client.write(1000)
    client.finish()
    hosts.run(hosts.now + 70)
    expect([client.flow.connection, server.flow.connection]).toEqual([
      CONNECTION.FINWAIT2,
      CONNECTION.CLOSEWAIT,
    ])
    expectAll(client, server)
  })

  test.each([
    ['client', 'server'],
    ['server', 'client'],
  ] as const)('the %s receives for an hour from the %s, which writes every few minutes', (one, other) => {
    const world = halves()
    const { hosts, [one]: closed, [other]: open } = world
    closed.finish()
    let fins = 0
    hosts.pass = packet => {
      if (kind(packet) === FIN) fins++
      return true
    }
    for (let end = hosts.now + HOUR_MS; hosts.now < end; ) {
      hosts.run(hosts.now + 5 * MINUTE_MS)
      open.write(3000)
      hosts.run(hosts.now + 1000)
      expect(closed.heard().length).toBe(open.written())
    }
    expect([closed.flow.connection, open.flow.connection]).toEqual([
      CONNECTION.FINWAIT2,
      CONNECTION.CLOSEWAIT,
    ])
    // The question after each silent minute is one packet, and the answer ends it.
    expect(fins).toBeLessThan(HOUR_MS / MINUTE_MS + 5)
    open.finish()
    hosts.run(hosts.now + 2 * MINUTE_MS)
    for (const half of [closed, open]) expect(half.flow.isClosed).toBe(true)
    expectAll(open, closed)
    expectAll(closed, open)
  })

  test('20 minutes of silence end nothing, and neither does a move after them', () => {
    const { hosts, client, server } = halves()
    client.write(10)
    client.finish()
    hosts.run(hosts.now + 20 * MINUTE_MS)
    server.move()
    client.move()
    server.write(5000)
    hosts.run(hosts.now + 5000)
    expect(client.heard().length).toBe(5000)
    server.finish()
    hosts.run(hosts.now + 2 * MINUTE_MS)
    expect([client, server].map(({ flow }) => flow.isClosed)).toEqual([true, true])
    expectAll(server, client)
    expect([client.notices, server.notices].flat()).not.toContain('timed out')
  })

  test('a server that vanishes is given up, and the client learns of it', () => {
    const { hosts, client } = halves()
    client.finish()
    hosts.run(hosts.now + 1000)
    expect(client.flow.connection).toBe(CONNECTION.FINWAIT2)
    hosts.pass = () => false
    hosts.run(hosts.now + HOUR_MS)
    expect([client.flow.isClosed, client.station.host.flowCount]).toEqual([true, 0])
    expect(client.notices.at(-1)).toBe('timed out')
    expect(hosts.network.nextEvent()).toBe(Number.POSITIVE_INFINITY)
    expect(client.station.host.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([
    7, 20, 45, 90,
  ])('a server that vanishes is given up by a client that moves every %i s', seconds => {
    const { hosts, client } = halves()
    client.finish()
    hosts.run(hosts.now + 1000)
    expect(client.flow.connection).toBe(CONNECTION.FINWAIT2)
    hosts.pass = () => false
    for (const end = hosts.now + HOUR_MS; hosts.now < end && !client.flow.isClosed; ) {
      client.move()
      hosts.run(hosts.now + seconds * 1000)
    }
    expect([client.flow.isClosed, client.notices.at(-1)]).toEqual([true, 'timed out'])
  })

  test('a client that moves all the time receives for an hour from a server that writes now and then', () => {
    const { hosts, client, server } = halves()
    client.finish()
    for (const end = hosts.now + HOUR_MS; hosts.now < end; ) {
      client.move()
      hosts.run(hosts.now + 20_000)
      if (hosts.now % 300_000 < 20_000) server.write(3000)
    }
    hosts.run(hosts.now + 1000)
    expect([client.flow.isLive, client.heard().length]).toEqual([true, server.written()])
  })

  test('a restarted server resets the client at its next question', () => {
    const { hosts, client, server } = halves()
    client.finish()
    hosts.run(hosts.now + 1000)
    hosts.pass = () => false
    server.station.host.abort(server.flow, hosts.now)
    hosts.run(hosts.now + 10)
    hosts.pass = () => true
    hosts.run(hosts.now + 2 * MINUTE_MS)
    expect(client.flow.isClosed).toBe(true)
    expect(client.notices.at(-1)).toBe('reset')
  })
})

describe('the wait for the ACK of the last FIN', () => {
  /** The client moves, and loses the answer to the ACK that completes the move. */
  const moved = () => {
    const world = halves()
    const { hosts, client, server } = world
    hosts.pass = (packet, from) => from !== server.station || kind(packet) !== ACK
    client.move()
    hosts.run(hosts.now + 2 * MINUTE_MS)
    expect(client.notices).toEqual(['moved'])
    return world
  }

  test("is not longer because the move's ACK was repeated unanswered for minutes", () => {
    const { hosts, client } = moved()
    client.finish()
    hosts.run(hosts.now + 100)
    expect(client.flow.connection).toBe(CONNECTION.FINWAIT1)
    hosts.pass = () => true
    hosts.run(hosts.now + 1000)
    expect(client.flow.connection).toBe(CONNECTION.FINWAIT2)
  })

  test("ends well with the peer's RST, if it lasts longer than the peer's TIME-WAIT", () => {
    const { hosts, client, server } = halves()
    server.finish()
    hosts.run(hosts.now + 100)
    hosts.pass = (packet, from) => from !== server.station || kind(packet) !== ACK
    client.write(3000)
    client.finish()
    hosts.run(hosts.now + 1000)
    expect([client, server].map(({ flow }) => flow.connection)).toEqual([
      CONNECTION.LASTACK,
      CONNECTION.TIMEWAIT,
    ])
    hosts.pass = () => false
    hosts.run(hosts.now + 2 * MINUTE_MS)
    expect(server.flow.isClosed).toBe(true)
    hosts.pass = () => true
    hosts.run(hosts.now + 4 * MINUTE_MS)
    expectAll(client, server)
    expect(client.notices).toEqual(['peer closed', 'closed'])
  })
})

const act = fc.record({
  end: fc.constantFrom('client' as const, 'server' as const),
  type: fc.constantFrom('write' as const, 'write' as const, 'move' as const, 'finish' as const),
  size: fc.integer({ min: 1, max: 60_000 }),
  waitMs: fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(3 * MINUTE_MS)),
})

const RUNS = 250

prop.prop([fc.array(act, { minLength: 1, maxLength: 15 }), fc.nat(), fc.integer({ min: 0, max: 25 })], {
  numRuns: RUNS,
  examples: [
    // The ACK of the client's FIN gets lost until the server's TIME-WAIT is over, and a RST answers the next FIN.
    [
      [
        { end: 'server', type: 'finish', size: 1, waitMs: 39 },
        { end: 'client', type: 'move', size: 1, waitMs: 724 },
        { end: 'client', type: 'move', size: 1, waitMs: 5 },
        { end: 'server', type: 'move', size: 1, waitMs: 86_177 },
        { end: 'client', type: 'finish', size: 1, waitMs: 94_441 },
      ],
      153_050_782,
      23,
    ],
    // The same in CLOSING: both ends close at once, and the client's FIN gets lost again and again.
    [
      [
        { end: 'server', type: 'write', size: 15723, waitMs: 20 },
        { end: 'client', type: 'write', size: 7977, waitMs: 40 },
        { end: 'client', type: 'write', size: 12438, waitMs: 44875 },
        { end: 'client', type: 'write', size: 40092, waitMs: 1070 },
        { end: 'client', type: 'move', size: 1, waitMs: 138 },
        { end: 'client', type: 'write', size: 47729, waitMs: 1927 },
        { end: 'server', type: 'write', size: 41211, waitMs: 6 },
        { end: 'server', type: 'write', size: 51806, waitMs: 49 },
        { end: 'client', type: 'finish', size: 1, waitMs: 11 },
        { end: 'server', type: 'finish', size: 1, waitMs: 151092 },
      ],
      781_953_106,
      18,
    ],
  ],
})('no byte is lost, whatever ends write, close, move and lose', (acts, seed, lossPercent) => {
  const world = halves((seed % 1000) + 1)
  const { hosts, client, server } = world
  const random = seededRandom(seed)
  const draw = new Uint8Array(1)
  hosts.pass = () => {
    random(draw)
    return at(draw, 0) * 100 >= lossPercent * 256
  }
  for (const { end, type, size, waitMs } of acts) {
    const half = world[end]
    if (type === 'write') half.write(size)
    else if (type === 'move') half.move()
    else half.finish()
    hosts.run(hosts.now + waitMs)
  }
  hosts.pass = () => true
  hosts.run(hosts.now + 20 * MINUTE_MS)
  expect(server.heard().length).toBe(client.written())
  expect(client.heard().length).toBe(server.written())
  for (const half of [client, server]) half.finish()
  hosts.run(hosts.now + 20 * MINUTE_MS)
  expectAll(client, server)
  expectAll(server, client)
  for (const { flow, station, notices } of [client, server]) {
    expect([flow.isClosed, station.host.flowCount]).toEqual([true, 0])
    expect(notices).not.toContain('timed out')
    expect(notices).not.toContain('reset')
  }
})
