import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { ENDS } from '../../../spec/machines/connection/states.ts'
import { ACK, RST, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { write32 } from '../../../spec/wire/numbers.ts'
import { seal } from '../../../spec/wire/sum.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { hear, kind, say } from '../testing/echo.ts'
import { CLIENT, CLIENT_NEXT, record, SERVER_NEXT, Several } from '../testing/several.ts'

const STRANGER = parseAddress('10.9.9.9')
const { CONNECTED, RESPOND, CLOSED } = CONNECTION

/** Returns a copy whose MAC is wrong, under a right checksum. */
function forged(packet: Datagram): Datagram {
  const bytes = packet.bytes.slice()
  const frame = newFrame()
  expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
  write32(bytes, frame.join + 8, 0x12345678)
  bytes[10] = bytes[11] = 0
  seal(bytes, 0, frame.payload, 10, 0)
  return { ...packet, bytes }
}

describe('a flow joins a connection', () => {
  test('of the client, by a handshake that proves the keys, and carries data', () => {
    const several = new Several()
    const seen = record(several)
    const flow = several.join()
    expect(seen.map(kind)).toEqual([SYN, SYNACK, ACK, ACK])
    const other = at(several.owners.server.flows, 0)
    expect([flow.connection, other.connection]).toEqual([CONNECTED, CONNECTED])
    expect([flow.local, flow.peer, other.local, other.peer]).toEqual([
      ...[CLIENT_NEXT, SERVER_NEXT],
      ...[SERVER_NEXT, CLIENT_NEXT],
    ])
    expect(several.owners.client.flows).toEqual([flow])
    for (const end of several.ends) expect([end.flows.length, end.state.live]).toEqual([2, 3])
    say(flow, 'to the server')
    say(other, 'to the client')
    several.run()
    expect([hear(other), hear(flow)]).toEqual(['to the server', 'to the client'])
  })

  test('of the server', () => {
    const several = new Several()
    const { server, accepted, hosts } = several
    const flow = server.host.connections.join(accepted, { from: SERVER_NEXT, to: CLIENT_NEXT }, hosts.now)
    several.run()
    expect([flow.connection, at(several.owners.client.flows, 0).connection]).toEqual([CONNECTED, CONNECTED])
    expect(several.ends.map(({ state }) => [state.opener, state.live])).toEqual([
      [1, 3],
      [0, 3],
    ])
  })

  test('of both at once', () => {
    const several = new Several()
    const { client, server, flow, accepted, hosts } = several
    client.host.connections.join(flow, { from: CLIENT_NEXT, to: SERVER_NEXT }, hosts.now)
    server.host.connections.join(accepted, { from: SERVER_NEXT, to: CLIENT_NEXT }, hosts.now)
    several.run()
    for (const { flows, state } of several.ends) {
      expect(flows.map(one => one.connection)).toEqual([CONNECTED, CONNECTED, CONNECTED])
      expect(state.live).toBe(7)
    }
  })

  test('although the first packets of each kind get lost, and moves meanwhile', () => {
    const several = new Several()
    const lost = new Set<number>()
    several.hosts.pass = packet => {
      const first = !lost.has(kind(packet))
      lost.add(kind(packet))
      return !first
    }
    const flow = several.join()
    several.run(4000)
    expect(flow.connection).toBe(CONNECTED)
    several.client.host.migrate(flow, CLIENT, several.hosts.now)
    several.run(20_000)
    const other = at(several.owners.server.flows, 0)
    expect([other.connection, other.peer]).toEqual([CONNECTED, CLIENT])
  })

  test('only when its ACK arrives: data proves nothing', () => {
    const several = new Several()
    several.hosts.pass = packet => kind(packet) !== ACK
    const flow = several.join()
    say(flow, 'early')
    several.run(100)
    const [other] = several.server.host.flows().filter(one => one !== several.accepted)
    expect([flow.connection, must(other).connection]).toEqual([CONNECTED, RESPOND])
    expect([several.owners.server.flows, hear(must(other))]).toEqual([[], undefined])
    several.hosts.pass = () => true
    several.run(4000)
    expect(must(other).connection).toBe(CONNECTED)
  })

  test('also when it closes before its ACK arrives', () => {
    const several = new Several()
    several.hosts.pass = packet => kind(packet) !== ACK
    const flow = several.join()
    several.client.host.finish(flow, several.hosts.now)
    several.run(20)
    expect(at(several.owners.server.flows, 0).connection).toBe(CONNECTION.CLOSEWAIT)
  })
})

describe('a join is refused', () => {
  test('silently, without a proof', () => {
    const several = new Several()
    const seen = record(several)
    several.join()
    const { host } = several.server
    const [syn] = seen
    const { refused } = host.counters
    host.receive([{ ...forged(must(syn)), from: STRANGER }], several.hosts.now)
    expect(host.counters.refused).toBe(refused + 1)
    expect(host.flush(several.hosts.now)).toEqual([])
  })

  test('before there is a connection: a stranger costs no memory', () => {
    const several = new Several()
    several.hosts.pass = () => false
    several.client.host.connections.join(several.flow, {}, several.hosts.now)
    const [syn] = several.client.host.flush(several.hosts.now)
    const { host } = several.server
    host.receive([{ ...forged(must(syn)), from: STRANGER }], several.hosts.now)
    expect([several.accepted.belongsTo, host.counters.refused]).toEqual([undefined, 1])
    expect(host.flush(several.hosts.now)).toEqual([])
    host.receive([must(syn)], several.hosts.now)
    expect(several.accepted.belongsTo?.state.pending).toBe(2)
  })

  test('if a host replays a handshake from elsewhere: the flow that waits is never connected', () => {
    const several = new Several()
    const seen = record(several)
    several.join()
    const { host } = several.server
    const [, , ack] = seen
    // The attacker sees a SYN, and is faster than its sender.
    several.hosts.pass = () => false
    const joining = several.client.host.connections.join(several.flow, {}, several.hosts.now)
    const [syn] = several.client.host.flush(several.hosts.now)
    several.hosts.pass = () => true
    host.receive([{ ...must(syn), from: STRANGER }], several.hosts.now)
    const waiting = must(host.flows().find(({ connection }) => connection === RESPOND))
    host.receive([must(syn)], several.hosts.now)
    // One SYN gets two places at most.
    host.receive([{ ...must(syn), from: parseAddress('10.9.9.8') }], several.hosts.now)
    expect(several.ends[1].copiesOf(joining.id)).toBe(2)
    // The attacker reads the answer, and knows both flowIDs and nonces. It has the ACK of the other handshake.
    const bytes = must(ack).bytes.slice()
    const [frame, opened] = [newFrame(), newFrame()]
    expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
    expect(decodeFrame(must(syn).bytes, 0, must(syn).bytes.length, opened)).toBe(0)
    const { srcFlow, verno, nonceHigh, nonceLow } = opened
    // Only the MAC is that of the other handshake.
    write32(bytes, 0, srcFlow)
    write32(bytes, 4, waiting.id)
    write32(bytes, 16, verno + 1)
    write32(bytes, 20, must(waiting.state.sndNxt))
    write32(bytes, 24, nonceHigh)
    write32(bytes, 28, nonceLow)
    bytes[10] = bytes[11] = 0
    seal(bytes, 0, frame.payload, 10, 0)
    host.receive([{ ...must(ack), from: STRANGER, bytes }], several.hosts.now)
    expect([waiting.connection, several.owners.server.flows.length]).toEqual([RESPOND, 1])
    several.run(60_000)
    expect([waiting.connection, joining.connection]).toEqual([CLOSED, CONNECTED])
    expect([host.flows().length, several.ends[1].state.pending]).toEqual([3, 0])
  })

  test('silently, if a host replays the SYN of a flow that is connected', () => {
    const several = new Several()
    const seen = record(several)
    several.join()
    const [syn] = seen
    const { host } = several.server
    host.receive([{ ...must(syn), from: STRANGER }], several.hosts.now)
    expect([host.flush(several.hosts.now), host.flows().length]).toEqual([[], 2])
    // Nor later, when the flow is over.
    several.client.host.connections.end(several.flow, several.hosts.now)
    several.run()
    const joined = at(several.owners.server.flows, 0)
    const third = several.client.host.connections.join(
      must(several.owners.client.flows[0]),
      {},
      several.hosts.now,
    )
    several.run()
    several.client.host.connections.end(must(several.owners.client.flows[0]), several.hosts.now)
    several.run()
    expect([joined.isLive, third.isLive]).toEqual([false, true])
    const bytes = must(syn).bytes.slice()
    const frame = newFrame()
    expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
    // Nothing covers the flowID that it names.
    write32(bytes, frame.join + 4, third.state.peerFlow)
    bytes[10] = bytes[11] = 0
    seal(bytes, 0, frame.payload, 10, 0)
    const { refused } = host.counters
    host.receive([{ ...must(syn), bytes, from: STRANGER }], several.hosts.now)
    expect([host.flush(several.hosts.now), host.counters.refused]).toEqual([[], refused + 1])
  })

  test('if a host sends a SYN back to its sender, as if the peer joined', () => {
    const several = new Several()
    several.join()
    const seen = record(several)
    several.join()
    const syn = must(seen.find(packet => kind(packet) === SYN))
    const bytes = syn.bytes.slice()
    const frame = newFrame()
    expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
    // Nothing covers the flowID that it names.
    write32(bytes, frame.join + 4, several.flow.id)
    bytes[10] = bytes[11] = 0
    seal(bytes, 0, frame.payload, 10, 0)
    const { refused } = several.client.host.counters
    several.client.host.receive([{ ...syn, from: STRANGER, to: CLIENT, bytes }], several.hosts.now)
    expect(several.client.host.counters.refused).toBe(refused + 1)
    expect(several.ends[0].state.pending).toBe(0)
  })

  test('by a SYN-ACK without a proof, which the joiner ignores', () => {
    const several = new Several()
    several.hosts.pass = (packet, from) => {
      if (kind(packet) !== SYNACK || from !== several.server) return true
      several.client.host.receive([forged(packet)], several.hosts.now)
      return false
    }
    const flow = several.join()
    expect(flow.connection).toBe(CONNECTION.REQUEST)
    several.hosts.pass = () => true
    several.run(4000)
    expect(flow.connection).toBe(CONNECTED)
  })

  test('with a RST, when the connection is unknown, closing, or full', () => {
    const several = new Several()
    const [seen, first] = [record(several), several.join()]
    expect(first.connection).toBe(CONNECTED)
    several.owners.server.takes = false
    const second = several.client.host.connections.join(several.flow, {}, several.hosts.now)
    several.run()
    expect([second.connection, seen.some(packet => kind(packet) === RST)]).toEqual([CLOSED, true])
    several.owners.server.takes = true
    for (let i = 0; i < 6; i++) several.client.host.connections.join(several.flow, {}, several.hosts.now)
    expect(() => several.client.host.connections.join(several.flow, {}, several.hosts.now)).toThrow('no room')
    several.run()
    expect(several.ends[1].state.live).toBe(255)
    several.hosts.restart(several.server)
    const late = must(seen.find(packet => kind(packet) === SYN))
    const { host } = at(several.hosts.stations, 1)
    host.receive([late], several.hosts.now)
    expect(host.flush(several.hosts.now).map(kind)).toEqual([RST])
  })

  test('while the connection closes, and to a connection of a host that has one flow only', () => {
    const several = new Several()
    several.join()
    const { client, server, hosts } = several
    for (const { flow } of several.ends[0].members(3)) client.host.finish(flow, hosts.now)
    for (const { flow } of several.ends[1].members(3)) server.host.finish(flow, hosts.now)
    hosts.run(hosts.now + 15)
    expect(several.ends[0].state.flows).toBe(ENDS.CLOSING)
    expect(() => several.client.host.connections.join(several.flow, {}, several.hosts.now)).toThrow(
      'SAL_STATE',
    )
    const late = new Several()
    late.client.host.finish(late.flow, late.hosts.now)
    late.run()
    late.hosts.pass = (_, from) => from !== late.server
    late.server.host.finish(late.accepted, late.hosts.now)
    late.run()
    // Both ends have finished before there was a second flow.
    expect(late.accepted.connection).toBe(CONNECTION.LASTACK)
    expect(() => late.server.host.connections.join(late.accepted, {}, late.hosts.now)).toThrow('not open')
    const plain = new Several()
    plain.client.host.ownerOf = undefined
    expect(() => plain.client.host.connections.join(plain.flow, {}, plain.hosts.now)).toThrow('one flow only')
  })

  test('to a connection that a flooded listener confirmed statelessly', () => {
    const several = new Several({}, 1)
    expect(several.flow.connection).toBe(CONNECTED)
    expect(() => several.client.host.connections.join(several.flow, {}, several.hosts.now)).toThrow(
      'one flow only',
    )
  })
})
