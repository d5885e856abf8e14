import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { ACK, SYN } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { write32 } from '../../../spec/wire/numbers.ts'
import { seal } from '../../../spec/wire/sum.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { kind } from '../testing/echo.ts'
import { CLIENT, CLIENT_NEXT, record, SERVER, SERVER_NEXT, Several } from '../testing/several.ts'

describe('an advertisement', () => {
  const addressesOf = (several: Several) => [...must(several.flow.belongsTo).peerAddresses]

  test('tells the addresses of an end until it is echoed', () => {
    const several = new Several()
    let lost = 0
    several.hosts.pass = packet => kind(packet) !== ACK || lost++ > 2
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run(10_000)
    expect(addressesOf(several)).toEqual([SERVER, SERVER_NEXT])
    const seen = record(several)
    several.run(100_000)
    expect([seen.length, several.ends[1].state.owed]).toEqual([0, 0])
  })

  test('takes another flow when a path loses it, or its echo', () => {
    for (const lost of [SERVER, CLIENT]) {
      const several = new Several()
      several.join()
      several.hosts.pass = packet => kind(packet) !== ACK || packet.from !== lost
      several.server.host.connections.advertise(several.accepted, several.hosts.now)
      several.run(1500)
      expect([addressesOf(several), several.ends[1].state.owed]).toEqual([[SERVER, SERVER_NEXT], 0])
    }
  })

  test('arrives although somebody on the path of one flow sends old ones again', () => {
    const several = new Several()
    several.join()
    const seen = record(several)
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run()
    const old = must(seen.find(({ from }) => from === SERVER))
    several.server.host.setAddresses([SERVER_NEXT, SERVER])
    for (let i = 0; i < 100; i++) {
      several.client.host.receive(Array<Datagram>(30).fill(old), several.hosts.now)
      if (i === 10) several.server.host.connections.advertise(several.accepted, several.hosts.now)
      several.run(20)
    }
    expect(several.ends.map(({ state }) => state.owed + state.peerVersion)).toEqual([2, 0])
  })

  test('of a lost address ends its flows, if others stay', () => {
    const several = new Several()
    const flow = several.join()
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run()
    several.server.host.setAddresses([SERVER])
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run()
    expect([flow.isLive, several.flow.isLive]).toEqual([false, true])
    expect(addressesOf(several)).toEqual([SERVER])
  })

  test('without a proof, or of an older version, changes nothing', () => {
    const several = new Several()
    const seen = record(several)
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run()
    const [first] = seen
    several.server.host.setAddresses([SERVER])
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run()
    const bytes = must(seen[2]).bytes.slice()
    const frame = newFrame()
    expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
    write32(bytes, frame.advertised + 8, 0x01020304)
    bytes[frame.advertised + 3] = 9
    bytes[10] = bytes[11] = 0
    seal(bytes, 0, bytes.length, 10, 0)
    several.client.host.receive([must(first), { ...must(seen[2]), bytes }], several.hosts.now)
    expect(addressesOf(several)).toEqual([SERVER])
  })

  test('cannot name many hosts, or the machine of its receiver', () => {
    const several = new Several()
    const wrong = ['127.0.0.1', '0.0.0.1', '224.0.0.1', '255.255.255.255'].map(text => parseAddress(text))
    several.server.host.places.own = [...wrong, SERVER]
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run()
    expect(addressesOf(several)).toEqual([SERVER])
  })

  test('without the right nonce is not read: neither its MAC nor its lines', () => {
    const several = new Several()
    const seen = record(several)
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    several.run()
    const { version } = at(several.ends, 0).state
    several.hosts.pass = () => false
    several.server.host.connections.advertise(several.accepted, several.hosts.now)
    const bytes = must(several.server.host.flush(several.hosts.now)[0]).bytes.slice()
    const frame = newFrame()
    expect([decodeFrame(bytes, 0, bytes.length, frame), version, seen.length]).toEqual([0, 0, 2])
    write32(bytes, 28, frame.nonceLow ^ 1)
    bytes[10] = bytes[11] = 0
    seal(bytes, 0, bytes.length, 10, 0)
    const { peerVersion } = at(several.ends, 0).state
    several.client.host.receive([{ from: SERVER, to: CLIENT, bytes }], several.hosts.now)
    expect(at(several.ends, 0).state.peerVersion).toBe(peerVersion)
    expect(several.client.host.flush(several.hosts.now)).toEqual([])
  })

  test('is read at a limited rate: a peer that alternates two costs no more, and an honest one is heard', () => {
    const several = new Several()
    const echoes = record(several)
    for (let i = 0; i < 100; i++) {
      several.server.host.connections.advertise(several.accepted, several.hosts.now)
      several.run(1)
    }
    several.run(30)
    expect(echoes.filter(({ from }) => from === CLIENT).length).toBeLessThan(25)
    several.run(70_000)
    expect(several.ends[1].state.owed).toBe(0)
  })
})

describe('a backup', () => {
  const join = (several: Several) => {
    const flow = several.client.host.connections.join(
      several.flow,
      { from: CLIENT_NEXT, isBackup: true },
      several.hosts.now,
    )
    several.run()
    return flow
  }

  test('is one at both ends, by its SYN alone', () => {
    const several = new Several()
    several.hosts.pass = packet => {
      const frame = newFrame()
      decodeFrame(packet.bytes, 0, packet.bytes.length, frame)
      return frame.advertised < 0
    }
    join(several)
    expect(several.owners.client.backups).toEqual([false, true])
    expect(several.owners.server.backups).toEqual([false, true])
  })

  test('is none any more when either end says so', () => {
    for (const isOpener of [true, false]) {
      const several = new Several()
      const flow = join(several)
      const end = isOpener ? several.client : several.server
      // Each end speaks for itself: only the one that wants the backup can change that.
      end.host.connections.mark(
        isOpener ? flow : at(several.owners.server.flows, 0),
        false,
        several.hosts.now,
      )
      several.run()
      expect(several.owners.server.backups.slice(-2)).toEqual([false, !isOpener])
      const { client, server } = several
      ;(isOpener ? server : client).host.connections.mark(
        isOpener ? several.accepted : several.flow,
        true,
        several.hosts.now,
      )
      several.run()
      expect(several.owners.client.backups.slice(-2)[0]).toBe(true)
    }
  })

  test('is none any more, although the peer hears of that before the flow has joined', () => {
    const several = new Several()
    several.hosts.pass = (packet, from) => {
      const frame = newFrame()
      decodeFrame(packet.bytes, 0, packet.bytes.length, frame)
      return from !== several.client || kind(packet) !== ACK || frame.join < 0
    }
    const flow = join(several)
    several.client.host.connections.mark(flow, false, several.hosts.now)
    several.run()
    expect(several.ends.map(({ state }) => [state.pending, state.owed])).toEqual([
      [0, 0],
      [2, 0],
    ])
    several.hosts.pass = () => true
    several.run(20_000)
    expect(several.ends.map(({ state }) => [state.live, state.backups, state.spared])).toEqual([
      [3, 0, 0],
      [3, 0, 0],
    ])
  })

  test('cannot be made of a flow by somebody on its path', () => {
    const several = new Several()
    several.hosts.pass = (packet, from) => {
      if (kind(packet) !== SYN || from !== several.client) return true
      const bytes = packet.bytes.slice()
      const frame = newFrame()
      decodeFrame(bytes, 0, bytes.length, frame)
      bytes[frame.join + 3] = 1
      bytes[10] = bytes[11] = 0
      seal(bytes, 0, frame.payload, 10, 0)
      several.server.host.receive([{ ...packet, bytes }], several.hosts.now)
      return false
    }
    const { refused } = several.server.host.counters
    const flow = several.client.host.connections.join(several.flow, {}, several.hosts.now)
    several.run()
    expect([flow.connection, several.server.host.counters.refused]).toEqual([CONNECTION.REQUEST, refused + 1])
  })
})
