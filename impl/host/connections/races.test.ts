/** Joins that race with other joins and with ends, by streams over several flows of two hosts, in virtual time. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { ENDED } from '../../../spec/machines/connection/reasons.ts'
import { RST, SYN } from '../../../spec/machines/flow/packets.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { joinOf } from '../../../spec/wire/negotiation.ts'
import { write32 } from '../../../spec/wire/numbers.ts'
import { seal } from '../../../spec/wire/sum.ts'
import type { Datagram } from '../../link/link.ts'
import { SalError } from '../errors.ts'
import { randomFraction, seededRandom } from '../random/random.ts'
import { Download, TOTAL } from '../testing/download.ts'
import { kind } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'
import { CLIENT_NEXT, SERVER } from '../testing/several.ts'

/** A download over a network in which packets overtake each other. */
function reordered(seed: number): Download {
  const random = seededRandom(seed)
  return new Download(false, {}, new Hosts(seed, () => 5 + 25 * randomFraction(random)))
}

const oversOf = ({ owners }: Download) => owners.map(({ over }) => over)
/** The flows that each end's stream has. The last one stays when the connection is over. */
const countsOf = ({ owners }: Download) => owners.map(({ stream }) => stream.flows.length)

test('both ends join the same pair of addresses at once: both flows carry data, which arrives once and in order', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(60), (seed, laterMs) => {
      const one = reordered(seed)
      one.run(laterMs)
      const { client, server, first, accepted, hosts } = one
      const pair = { from: CLIENT_NEXT, to: SERVER }
      const joined = [
        client.host.connections.join(first, pair, hosts.now),
        server.host.connections.join(accepted, { from: pair.to, to: pair.from }, hosts.now),
      ]
      one.run(5000)
      expect([one.read, ...countsOf(one)]).toEqual([TOTAL, 4, 4])
      expect(joined.map(({ isLive }) => isLive)).toEqual([true, true])
      one.owners[0].stream.finish(hosts.now)
      one.run(200_000)
      expect([...oversOf(one), ...countsOf(one)]).toEqual([ENDED.CLOSED, ENDED.CLOSED, 1, 1])
    }),
    { numRuns: 8 },
  )
})

test('a flow joins while both ends close: it closes with the others, or is refused, and nothing is lost', () => {
  const outcomes = new Set<string>()
  for (let laterMs = 0; laterMs < 120; laterMs += 8) {
    const one = reordered(laterMs)
    one.run(3000)
    const { client, server, first, accepted, hosts } = one
    one.owners[0].stream.finish(hosts.now)
    hosts.run(hosts.now + laterMs)
    for (const [host, flow, from, to] of [
      [server.host, accepted, SERVER, CLIENT_NEXT],
      [client.host, first, CLIENT_NEXT, SERVER],
    ] as const)
      try {
        host.connections.join(flow, { from, to }, hosts.now)
        outcomes.add('joins')
      } catch (error) {
        expect(error).toBeInstanceOf(SalError)
        outcomes.add('is refused')
      }
    one.run(2_000_000)
    // A flow that joined too late may be reset as the last one: everything has arrived before.
    const haveEnded = one.owners.map(({ stream, over }) => over > 0 && stream.finished && stream.peerHasEnded)
    expect([one.read, ...haveEnded]).toEqual([TOTAL, true, true])
    expect([client, server].flatMap(({ host }) => host.flows().filter(({ isLive }) => isLive))).toEqual([])
  }
  expect([...outcomes].sort()).toEqual(['is refused', 'joins'])
})

describe('a flow joins a connection that is dead at the other end', () => {
  const join = (one: Download) =>
    one.client.host.connections.join(one.first, { from: CLIENT_NEXT, to: SERVER }, one.hosts.now)

  test('whose host has restarted with another secret: it is refused, and the others stay, because they believe no answer', () => {
    const one = new Download()
    one.run(40)
    one.hosts.restart(one.server)
    const flow = join(one)
    one.run(10_000)
    expect([flow.isClosed, at(oversOf(one), 0), at(countsOf(one), 0)]).toEqual([true, 0, 2])
  })

  test('whose host refuses it for want of room: the others ask, get an answer, and stay', () => {
    const one = new Download(false, { flows: 2 })
    one.run(5000)
    let asked = 0
    one.hosts.pass = (_, from) => {
      if (from === one.client) asked++
      return true
    }
    const flow = join(one)
    one.run(10_000)
    expect([flow.isClosed, at(oversOf(one), 0), at(countsOf(one), 0)]).toEqual([true, 0, 2])
    // The SYN, and a packet on each of the two flows.
    expect(asked).toBe(3)
  })

  test('which aborted it, and whose RSTs got lost: it is refused, and the others ask at once, which ends them', () => {
    const one = new Download()
    one.run(40)
    one.hosts.pass = packet => kind(packet) !== RST
    one.server.host.abort(one.accepted, one.hosts.now)
    one.run(0)
    one.hosts.pass = () => true
    const flow = join(one)
    // Two round trips of 20 ms, and a bit. An end that only receives asks by itself half a second later.
    one.run(50)
    expect([flow.isClosed, at(oversOf(one), 0), at(countsOf(one), 0)]).toEqual([true, ENDED.RESET, 1])
  })
})

test('a SYN that joined an earlier connection proves nothing to a later one, and gets no answer', () => {
  const earlier = new Download()
  const seen: Datagram[] = []
  earlier.hosts.pass = packet => {
    seen.push({ ...packet, bytes: packet.bytes.slice() })
    return true
  }
  earlier.join()
  const syn = must(seen.find(packet => kind(packet) === SYN))
  // The same hosts connect again. Somebody makes the SYN name a flow of the new connection, under a right checksum.
  const later = new Download(false, {}, new Hosts(2, 10))
  const { host } = later.server
  const frame = newFrame()
  expect(decodeFrame(syn.bytes, 0, syn.bytes.length, frame)).toBe(0)
  expect(joinOf(frame).flow).toBe(earlier.accepted.id)
  const place = syn.bytes.findIndex(
    (_, i) => new DataView(syn.bytes.buffer).getUint32(i) === earlier.accepted.id,
  )
  write32(syn.bytes, place, later.accepted.id)
  syn.bytes[10] = syn.bytes[11] = 0
  seal(syn.bytes, 0, frame.payload, 10, 0)
  const { refused, strangers } = host.counters
  host.flush(later.hosts.now)
  host.receive([syn], later.hosts.now)
  expect([host.counters.refused, host.counters.strangers]).toEqual([refused + 1, strangers])
  expect(host.flush(later.hosts.now).map(kind)).toEqual([])
  expect(at(countsOf(later), 1)).toBe(2)
})
