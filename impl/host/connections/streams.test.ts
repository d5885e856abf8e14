/** Streams over several flows of two hosts, in virtual time. */
import { expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { ENDED } from '../../../spec/machines/connection/reasons.ts'
import { SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { Stream } from '../../transport/stream/stream.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Flow } from '../flows/flow.ts'
import type { Limits } from '../limits.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { kind } from '../testing/echo.ts'
import { Hosts, type Station } from '../testing/hosts.ts'
import { CLIENT, CLIENT_NEXT, SERVER, SERVER_NEXT } from '../testing/several.ts'
import type { FlowsOwner } from './connection.ts'

const SERVICE = serviceIdOf('acme/download')
const TOTAL = 300_000

/** A stream as the owner of its connection, and what happened to it. */
class Owner implements FlowsOwner {
  readonly stream: Stream
  readonly flows: Flow[] = []
  left = 0
  over = 0
  #sequence = 100

  constructor(stream: Stream) {
    this.stream = stream
  }

  newTransport(): Transport {
    return this.stream.join({ initialSequence: this.#sequence++, mss: 1400 })
  }

  onFlow(flow: Flow): void {
    this.flows.push(flow)
  }

  onLeave(flow: Flow): void {
    this.left++
    this.stream.leave(flow.transport)
  }

  onOver(why: number): void {
    this.over = why
  }
}

/** A client that downloads from a server, with two networks each. */
class Download {
  readonly hosts = new Hosts(1, 10)
  readonly client = this.hosts.add(['10.0.0.1', '10.0.1.1'])
  readonly server: Station
  readonly owners: readonly [Owner, Owner]
  readonly first: Flow
  readonly second: Flow
  read = 0

  /** `isRequest`: the client's data ends before the second flow joins. `limits`: of the server. */
  constructor(isRequest = false, limits: Partial<Limits> = {}) {
    this.server = this.hosts.add(['10.0.0.2', '10.0.1.2'], limits)
    const { hosts, client, server } = this
    const accepted: Flow[] = []
    // The owner is the stream of the connection's first flow.
    const owners = new Map<Flow, Owner>()
    for (const { host } of [client, server]) host.ownerOf = first => owners.get(first)
    server.host.listen(prefixOfId(SERVICE), {
      transport: () => new Stream({ initialSequence: 7, mss: 1400 }),
      onReady: listener => accepted.push(must(server.host.accept(listener))),
    })
    const stream = new Stream({ initialSequence: 5, mss: 1400 })
    this.first = client.host.connect({ service: SERVICE, transport: stream, via: SERVER, from: CLIENT }, 0)
    hosts.run(100)
    const served = at(accepted, 0)
    this.owners = [new Owner(stream), new Owner(served.transport as Stream)]
    owners.set(this.first, this.owners[0])
    owners.set(served, this.owners[1])
    if (isRequest) {
      stream.finish(hosts.now)
      this.run(100)
      expect(this.first.connection).toBe(CONNECTION.FINWAIT2)
    }
    this.second = client.host.connections.join(this.first, { from: CLIENT_NEXT, to: SERVER_NEXT }, hosts.now)
    this.run(100)
    stream.onReadable = () => {
      for (let bytes = stream.read(); bytes !== undefined; bytes = stream.read()) this.read += bytes.length
    }
    this.owners[1].stream.write(new Uint8Array(TOTAL))
    this.owners[1].stream.finish(hosts.now)
  }

  run(ms: number): void {
    this.hosts.run(this.hosts.now + ms)
  }

  /** A third flow begins to join. */
  join(): Flow {
    const { client, first, hosts } = this
    const flow = client.host.connections.join(first, { from: CLIENT_NEXT, to: SERVER_NEXT }, hosts.now)
    this.run(5)
    return flow
  }
}

test('a stream uses both flows, and closes both', () => {
  const one = new Download()
  one.run(30)
  expect(one.owners[1].stream.flows.map(({ bytesSent }) => bytesSent > 0)).toEqual([true, true])
  one.run(2000)
  expect(one.read).toBe(TOTAL)
  one.owners[0].stream.finish(one.hosts.now)
  one.run(1000)
  expect(one.owners.map(({ over, left }) => [over, left > 0])).toEqual([
    [ENDED.CLOSED, true],
    [ENDED.CLOSED, true],
  ])
})

test('a flow joins after the client has finished, and carries the rest of the download', () => {
  const one = new Download(true)
  expect(one.second.connection).toBe(CONNECTION.FINWAIT2)
  one.run(30)
  expect(one.owners[1].stream.flows.map(({ bytesSent }) => bytesSent > 0)).toEqual([true, true])
  one.client.host.connections.remove(one.first, one.hosts.now)
  one.run(3000)
  expect([one.read, ...one.owners.map(({ over }) => over)]).toEqual([TOTAL, ENDED.CLOSED, ENDED.CLOSED])
})

test('a stream loses nothing when one of its flows is reset or removed', () => {
  for (const isRemoved of [false, true]) {
    const one = new Download()
    one.run(30)
    const { connections } = one.client.host
    if (isRemoved) connections.remove(one.first, one.hosts.now)
    else connections.end(one.first, one.hosts.now)
    one.run(3000)
    expect([one.read, one.owners.map(({ left }) => left)]).toEqual([TOTAL, [1, 1]])
    expect(one.second.isLive).toBe(true)
  }
})

/** The flows that each end's stream counts, joining ones included. */
const counts = ({ owners }: Download) => owners.map(({ stream }) => stream.flows.length)

test('a flow that fails to join leaves nothing in the stream of either end', () => {
  const one = new Download()
  one.run(3000)
  const flow = one.join()
  expect(counts(one)).toEqual([3, 2])
  one.run(6)
  expect(counts(one)).toEqual([3, 3])
  one.client.host.connections.end(flow, one.hosts.now)
  one.run(100)
  expect(counts(one)).toEqual([2, 2])
})

test('a flow leaves nothing in a stream when its handshake times out at either end', () => {
  const one = new Download()
  one.run(3000)
  one.hosts.pass = packet => kind(packet) !== SYNACK
  one.join()
  one.run(6)
  expect(counts(one)).toEqual([3, 3])
  one.run(2_000_000)
  expect(counts(one)).toEqual([2, 2])
})

test('a SYN that the host has no room for, or cannot read, leaves nothing in the stream', () => {
  for (const isFull of [true, false]) {
    const one = new Download(false, isFull ? { flows: 2 } : {})
    one.run(3000)
    const { refused } = one.server.host.counters
    one.hosts.pass = packet => {
      if (isFull || kind(packet) !== SYN) return true
      const frame = newFrame()
      expect(decodeFrame(packet.bytes, 0, packet.bytes.length, frame)).toBe(0)
      // The transport's part is missing.
      const bytes = packet.bytes.slice(0, frame.payload)
      one.server.host.receive([{ ...packet, bytes }], one.hosts.now)
      return false
    }
    one.join()
    one.run(6)
    expect([one.server.host.counters.refused, counts(one)[1]]).toEqual([refused + 1, 2])
  }
})

test('a stream loses nothing when a path dies', () => {
  const one = new Download()
  one.run(30)
  one.hosts.pass = ({ from, to }) => from !== SERVER && to !== SERVER
  one.run(5000)
  expect(one.read).toBe(TOTAL)
})
